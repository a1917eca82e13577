//! Overload protection: rejects requests above a limit before they use memory.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tokio::sync::Semaphore;

use super::{AppState, edge};
use crate::{api::ErrorCode, telemetry::metrics};

/// The maximum number of simultaneous requests. If a store hangs, those that wait for it end at its deadline, and use
/// less than 100 MB until then.
const MOST_REQUESTS: usize = 1024;

/// The places of the requests in progress.
#[derive(Clone)]
pub(super) struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_REQUESTS)))
    }
}

/// Returns 503 immediately if no place is free. A request arrives with its complete body ([`edge::receive`]), so it
/// holds its place only while it is processed. Health checks need no place.
pub(super) async fn shed(State((state, places)): State<(AppState, Places)>, request: Request, next: Next) -> Response {
    let Ok(_place) = places.0.try_acquire() else {
        metrics::shed();
        return edge::refuse(&state, request.headers(), ErrorCode::Unavailable);
    };
    next.run(request).await
}
