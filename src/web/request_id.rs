//! A name for each request, in its answer and in every line that is logged about it; and one line, one count and one time for
//! how it went.

use std::time::{Duration, Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

use super::AppState;
use crate::telemetry::{
    metrics::{self, Counted},
    traces,
};

/// What is no route of ours: the site's files, and paths where there is nothing.
const NO_ROUTE: &str = "other";

/// Gives the request an id of 128 random bits, and says one line about how it went. An id that a client sends is not
/// taken over: it would put its text into the logs. A trace is: it is hex digits and nothing else.
pub(super) async fn name_request(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let mut id = [0; 16];
    state.accounts.randomness.fill(&mut id);
    let id = format!("{:032x}", u128::from_be_bytes(id));
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str).to_owned();
    // The path without its query, where a person's text could be.
    let path = request.uri().path();
    let span = tracing::info_span!("request", id, method, path, trace = tracing::field::Empty);
    traces::follow(request.headers(), &span);
    let answer = async {
        let counted = Counted::request();
        let mut response = next.run(request).await;
        drop(counted);
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert("x-request-id", value);
        }
        let (status, took) = (response.status().as_u16(), begun.elapsed());
        tracing::info!(target: "doorstep::access", status, ms = in_milliseconds(took), "answered");
        metrics::answered(&route, method, status, took);
        response
    };
    answer.instrument(span.clone()).await
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
