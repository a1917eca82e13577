//! Requests that pages of other origins send: refused before any endpoint.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};
use tower_http::csrf::ProtectionError;

use super::{refuse, wants_page};
use crate::{
    api::ErrorCode,
    config::{HostName, PublicUrl},
    web::{AppState, error_page, language},
};

/// Adds to the library's layer what it does not do: refuses requests of the shop's own host over plain HTTP, and shows
/// browsers a page.
pub(in crate::web) async fn show_refusal(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !is_safe && is_insecure(&state.public_url, headers) {
        return refuse(&state, headers, ErrorCode::CrossOrigin);
    }
    let language = wants_page(headers).then(|| language::of(headers));
    let response = next.run(request).await;
    match language {
        Some(language) if response.extensions().get::<ProtectionError>().is_some() => {
            error_page::respond(&state, language, ErrorCode::CrossOrigin)
        }
        _ => response,
    }
}

/// Returns true if the page that sent the request was loaded without TLS from a shop that has it: someone on the
/// network may have written that page. Browsers that send no `Sec-Fetch-Site` tell it only by the scheme.
fn is_insecure(public_url: &PublicUrl, headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let host = origin.and_then(|origin| origin.strip_prefix("http://")).and_then(HostName::parse);
    public_url.is_https() && host.is_some_and(|host| public_url.host().is_same(&host, 443))
}
