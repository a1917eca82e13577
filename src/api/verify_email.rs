//! `POST /api/auth/verify-email`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Welcome};

/// Verifies an address, by the `token` of a link or by the `code` of six digits beside it: 200 with the customer, signed in,
/// where they signed up in this browser or are signed in to the account. For a token elsewhere, 200 with `{}`: password and
/// sessions of the account are over, and `Location` leads to where another password is chosen. 410 for a token that is not
/// good, or no longer.
#[server(name = VerifyEmail, prefix = "/api/auth", endpoint = "verify-email", input = PostUrl, output = Json)]
pub async fn verify_email(
    #[server(default)] token: String,
    #[server(default)] code: String,
) -> Result<Welcome, ApiError> {
    crate::web::server_functions::verify_email(&token, &code).await
}
