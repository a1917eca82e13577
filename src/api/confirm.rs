//! `POST /api/auth/confirm`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Done};

/// Takes the password as proof that it is still the customer: 200 with new cookies, and sensitive changes are open for
/// ten minutes.
#[server(name = Confirm, prefix = "/api/auth", endpoint = "confirm", input = PostUrl, output = Json)]
pub async fn confirm(#[server(default)] current_password: String) -> Result<Done, ApiError> {
    crate::web::server_functions::confirm(&current_password).await
}
