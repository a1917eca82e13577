//! `POST /api/auth/sessions/revoke-others`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Done};

/// Signs all other devices out: 200; 403 when the password has to be confirmed first.
#[server(name = RevokeOtherSessions, prefix = "/api/auth", endpoint = "sessions/revoke-others", input = PostUrl, output = Json)]
pub async fn revoke_other_sessions() -> Result<Done, ApiError> {
    crate::web::server_functions::revoke_other_sessions().await
}
