//! `POST /api/auth/secure-account`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Done};

/// Secures the account of whoever was told of something that was not them, by the token of the link in that mail: 200, every
/// session and the password are over, an address that was changed is changed back, and a mail leads to a new password. 410
/// for a token that is not good, or no longer.
#[server(name = SecureAccount, prefix = "/api/auth", endpoint = "secure-account", input = PostUrl, output = Json)]
pub async fn secure_account(#[server(default)] token: String) -> Result<Done, ApiError> {
    crate::web::server_functions::secure_account(&token).await
}
