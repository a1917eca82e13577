//! A name for each request, in its answer and in every line that is logged about it; and one line, one count and one time for
//! how it went.

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

/// What is no route of ours: the site's files, and paths where there is nothing.
const NO_ROUTE: &str = "other";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id of 128 random bits, and says one line about how it went. An id that a client sends is not
/// taken over: it would put its text into the logs. A trace is: it is hex digits and nothing else.
///
/// It is the outermost layer: whatever panics within becomes a plain 500 (ASVS 5.0, 16.5.1) with an id and the defensive
/// headers. The panic itself is logged where it happens ([`crate::telemetry::panics`]).
pub(super) async fn name_request(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let mut id = [0; 16];
    state.accounts.randomness.fill(&mut id);
    let id = format!("{:032x}", u128::from_be_bytes(id));
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str).to_owned();
    let is_page = edge::wants_page(request.headers());
    // The path without its query, where a person's text could be.
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
    // A form that was refused is answered with a redirect; its code says what became of it (ASVS 5.0, 16.3).
    let code = response.extensions().get::<ErrorCode>().map(|code| code.as_str());
    span.in_scope(|| tracing::info!(target: "doorstep::access", status, code, ms = in_milliseconds(took), "answered"));
    metrics::answered(&route, method, status, took);
    response
}

async fn answer(state: &AppState, mut request: Request, next: Next, span: tracing::Span) -> Response {
    // A span joins a trace before it is entered, or not at all.
    traces::follow(request.headers(), &span);
    let answer = async {
        state.trusted_proxies.warn_of_others(request.extensions(), request.headers());
        // The route is found by now. Whatever handles it answers a HEAD as a GET, and the router drops the body.
        if request.method() == Method::HEAD {
            *request.method_mut() = Method::GET;
        }
        next.run(request).await
    };
    answer.instrument(span).await
}

/// Returns the answer to a request whose handler panicked. In English: reading the language could be what failed.
fn defect(state: &AppState, is_page: bool) -> Response {
    if is_page {
        error_page::respond(state, Language::default(), ErrorCode::Internal)
    } else {
        edge::respond(&ErrorCode::Internal.into())
    }
}

/// One of the methods that there are routes for; any other word is the client's own.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// To the microsecond.
fn in_milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1000.0
}
