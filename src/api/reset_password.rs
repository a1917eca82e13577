//! `POST /api/auth/reset-password`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Done};

/// Puts a new password in the place of a forgotten one, by the token of a link: 200, and nobody is signed in by it; 410 for a
/// token that is not good, or no longer.
#[server(name = ResetPassword, prefix = "/api/auth", endpoint = "reset-password", input = PostUrl, output = Json)]
pub async fn reset_password(
    #[server(default)] token: String,
    #[server(default)] password: String,
) -> Result<Done, ApiError> {
    crate::web::server_functions::reset_password(&token, &password).await
}
