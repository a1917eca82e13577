//! A name for each request, in its answer and in every line that is logged about it.

use axum::{
    extract::{Request, State},
    http::HeaderValue,
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

use super::AppState;

/// Gives the request an id of 128 random bits, and says one line about how it went. An id that a client sends is not
/// taken over: it would put its text into the logs.
pub(super) async fn name_request(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut id = [0; 16];
    state.accounts.randomness.fill(&mut id);
    let id = format!("{:032x}", u128::from_be_bytes(id));
    // The path without its query, where a person's text could be.
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    let answer = async {
        let mut response = next.run(request).await;
        let status = response.status().as_u16();
        tracing::debug!(status, "answered");
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert("x-request-id", value);
        }
        response
    };
    answer.instrument(span.clone()).await
}
