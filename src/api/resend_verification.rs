//! `POST /api/auth/verify-email/resend`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Done};

/// Sends another link and code to `email`, or where that is empty to the address of this browser's sign-up, or of the customer
/// who is signed in: 200, whether there is an account that waits for it or not. Earlier ones are void.
#[server(name = ResendVerification, prefix = "/api/auth", endpoint = "verify-email/resend", input = PostUrl, output = Json)]
pub async fn resend_verification(#[server(default)] email: String) -> Result<Done, ApiError> {
    crate::web::server_functions::resend_verification(&email).await
}
