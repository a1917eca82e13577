//! `GET /api/auth/profile`

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};

use super::{ApiError, CustomerBody};

/// The customer who is signed in: 200, or 401.
#[server(name = Profile, prefix = "/api/auth", endpoint = "profile", input = GetUrl, output = Json)]
pub async fn profile() -> Result<CustomerBody, ApiError> {
    crate::web::server_functions::profile().await
}
