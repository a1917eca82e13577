//! `POST /api/auth/forgot-password`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Done};

/// Sends a link by which to choose a new password: 200, whether there is an account or not.
#[server(name = ForgotPassword, prefix = "/api/auth", endpoint = "forgot-password", input = PostUrl, output = Json)]
pub async fn forgot_password(#[server(default)] email: String) -> Result<Done, ApiError> {
    crate::web::server_functions::forgot_password(&email).await
}
