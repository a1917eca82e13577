//! `POST /api/auth/change-email`, and what may follow it.

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json, PostUrl},
};
use serde::{Deserialize, Serialize};

use super::{ApiError, Done};

/// `{"email","verified","pending"?}`: the address of the customer who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailBody {
    pub email: String,
    /// Whether they showed that they can read its mail.
    pub verified: bool,
    /// The address that they want to have, once they show the same of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<String>,
}

/// The customer's address: 200, or 401.
#[server(name = Email, prefix = "/api/auth", endpoint = "email", input = GetUrl, output = Json)]
pub async fn email() -> Result<EmailBody, ApiError> {
    crate::web::server_functions::email().await
}

/// Proposes another address, in the place of any that was proposed before: 200, and a mail to it with a link and a code,
/// whether it has an account or not. 403 when the last proof is too old.
#[server(name = ProposeEmail, prefix = "/api/auth", endpoint = "change-email", input = PostUrl, output = Json)]
pub async fn propose_email(#[server(default)] email: String) -> Result<Done, ApiError> {
    crate::web::server_functions::propose_email(&email).await
}

/// Has the proposed address count from now on, by the `token` of the link or the `code` beside it, in the session that
/// proposed it: 200, and every other session is over. 401 without a session; 410 for a token that is invalid, was used, or
/// belongs to another session.
#[server(name = ChangeEmail, prefix = "/api/auth", endpoint = "change-email/confirm", input = PostUrl, output = Json)]
pub async fn change_email(#[server(default)] token: String, #[server(default)] code: String) -> Result<Done, ApiError> {
    crate::web::server_functions::change_email(&token, &code).await
}

/// Forgets the proposed address, if any was: 200.
#[server(name = WithdrawEmail, prefix = "/api/auth", endpoint = "change-email/cancel", input = PostUrl, output = Json)]
pub async fn withdraw_email() -> Result<Done, ApiError> {
    crate::web::server_functions::withdraw_email().await
}
