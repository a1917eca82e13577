//! The health checks for load balancers.

use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde_json::json;

use super::AppState;
use crate::{accounts::ports::StoreError, workers::Workers};

/// `GET /healthz`: 200 while the process runs. It depends on nothing that can be busy.
pub(super) async fn alive() -> &'static str {
    "ok"
}

/// `GET /readyz`: 200 if every store is available and every background task runs, otherwise 503 with the names of those
/// that are not.
pub(super) async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    let (customers, sessions) = tokio::join!(state.accounts.customers.ping(), state.accounts.sessions.ping());
    let mut silent: Vec<String> =
        [customers, sessions].into_iter().filter_map(Result::err).map(|error| name(&error)).collect();
    silent.dedup();
    let failing: BTreeSet<&str> = state.workers.iter().flat_map(Workers::failing).collect();
    if silent.is_empty() && failing.is_empty() {
        return (StatusCode::OK, Json(json!({ "ready": true })));
    }
    let answer = json!({ "ready": false, "unavailable": silent, "failing_tasks": failing });
    (StatusCode::SERVICE_UNAVAILABLE, Json(answer))
}

fn name(error: &StoreError) -> String {
    match error {
        StoreError::Unavailable { store, .. } | StoreError::Corrupt { store, .. } => store.to_string(),
    }
}
