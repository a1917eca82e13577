//! Assigns an id to each request, for its response and its log lines. Logs, counts and measures each response once.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;
use tracing::Instrument;

use super::{AppState, edge, error_page, headers};
use crate::{
    api::ErrorCode,
    domain::Language,
    telemetry::{
        metrics::{self, Counted},
        traces,
    },
};

/// The route label for requests that match no route: the site's files and unknown paths.
const NO_ROUTE: &str = "other";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Assigns a random 128-bit id to the request, and logs one line about the response. An id from the client is ignored,
/// because it could write any text to the logs. A trace id is accepted, because it contains only hex digits.
///
/// This is the outermost layer: a panic below it becomes a plain 500 (ASVS 5.0, 16.5.1) with an id and the security
/// headers. The panic itself is logged where it happens ([`crate::telemetry::panics`]).
pub(super) async fn name_request(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let mut id = [0; 16];
    state.accounts.randomness.fill(&mut id);
    let id = format!("{:032x}", u128::from_be_bytes(id));
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str).to_owned();
    let is_page = edge::wants_page(request.headers());
    // The path without the query, which can contain personal data.
    let span = tracing::info_span!("request", id, method, path = request.uri().path(), trace = tracing::field::Empty);
    let counted = Counted::request();
    let answer = answer(&state, request, next, span.clone());
    let mut response = AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|_| defect(&state, is_page));
    drop(counted);
    headers::defend(state.public_url.is_https(), response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    // A rejected form gets a redirect; only its code shows the result (ASVS 5.0, 16.3).
    let code = response.extensions().get::<ErrorCode>().map(|code| code.as_str());
    span.in_scope(|| tracing::info!(target: "doorstep::access", status, code, ms = in_milliseconds(took), "answered"));
    metrics::answered(&route, method, status, took);
    response
}

async fn answer(state: &AppState, mut request: Request, next: Next, span: tracing::Span) -> Response {
    // A span can join a trace only before it is entered.
    traces::follow(request.headers(), &span);
    let answer = async {
        state.trusted_proxies.warn_of_others(request.extensions(), request.headers());
        // The route is already matched. Handlers treat HEAD as GET, and the router drops the body.
        if request.method() == Method::HEAD {
            *request.method_mut() = Method::GET;
        }
        next.run(request).await
    };
    answer.instrument(span).await
}

/// Returns the response after a panic. It is in English, because the code that reads the language may have panicked.
fn defect(state: &AppState, is_page: bool) -> Response {
    if is_page {
        error_page::respond(state, Language::default(), ErrorCode::Internal)
    } else {
        edge::respond(&ErrorCode::Internal.into())
    }
}

/// Returns the method if a route can have it, or `other`, because clients can send any word.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Returns the time in milliseconds, rounded to microseconds.
fn in_milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1000.0
}
