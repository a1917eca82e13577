//! `POST /api/auth/sessions/revoke`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Done};

/// Signs one device out: 200; 404 when it is signed out already or not the customer's own; 403 when the password has to
/// be confirmed first.
#[server(name = RevokeSession, prefix = "/api/auth", endpoint = "sessions/revoke", input = PostUrl, output = Json)]
pub async fn revoke_session(#[server(default)] session: String) -> Result<Done, ApiError> {
    crate::web::server_functions::revoke_session(&session).await
}
