//! `GET /api/auth/sessions`

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};

use super::{ApiError, SessionBody};

/// The devices on which the customer is signed in, the one seen last first: 200, or 401.
#[server(name = Sessions, prefix = "/api/auth", endpoint = "sessions", input = GetUrl, output = Json)]
pub async fn sessions() -> Result<Vec<SessionBody>, ApiError> {
    crate::web::server_functions::sessions().await
}
