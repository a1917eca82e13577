//! Overload: what more the program cannot bear at once it turns away, before it costs memory.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tokio::sync::Semaphore;

use super::{AppState, edge};
use crate::{api::ErrorCode, telemetry::metrics};

/// How many requests may be answered at once. All that wait for a store that hangs are gone within its deadline, and cost
/// less than 100 MB until then.
const MOST_REQUESTS: usize = 1024;

/// The places of requests that are being answered.
#[derive(Clone)]
pub(super) struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_REQUESTS)))
    }
}

/// Answers 503 at once where there is no place. A request comes here with its whole body, and so holds its place only
/// while the program works on it ([`edge::receive`]). What a load balancer asks is asked of the program itself, and has none.
pub(super) async fn shed(State((state, places)): State<(AppState, Places)>, request: Request, next: Next) -> Response {
    let Ok(_place) = places.0.try_acquire() else {
        metrics::shed();
        return edge::refuse(&state, request.headers(), ErrorCode::Unavailable);
    };
    next.run(request).await
}
