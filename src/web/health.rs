//! The health checks for load balancers.

use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde_json::json;

use super::AppState;
use crate::{
    accounts::ports::{StoreError, StoreName},
    workers::Workers,
};

/// `GET /healthz`: 200 while the process runs. It depends on nothing that can be busy.
pub(super) async fn alive() -> &'static str {
    "ok"
}

/// `GET /readyz`: 200 if every store is available and every background task runs, otherwise 503 with the names of those
/// that are not.
pub(super) async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    let (customers, sessions) = tokio::join!(state.accounts.customers.ping(), state.accounts.sessions.ping());
    let mut unavailable: Vec<&str> = [customers, sessions].iter().filter_map(failed).map(StoreName::as_str).collect();
    unavailable.dedup();
    let failing: BTreeSet<&str> = state.workers.iter().flat_map(Workers::failing).collect();
    if unavailable.is_empty() && failing.is_empty() {
        return (StatusCode::OK, Json(json!({ "ready": true })));
    }
    let answer = json!({ "ready": false, "unavailable": unavailable, "failing_tasks": failing });
    (StatusCode::SERVICE_UNAVAILABLE, Json(answer))
}

/// Returns the store that failed its check, and logs why.
fn failed(checked: &Result<(), StoreError>) -> Option<StoreName> {
    let error = checked.as_ref().err()?;
    tracing::warn!(error = error as &dyn std::error::Error, "not ready: a store failed its check");
    Some(error.store())
}
