//! `POST /api/auth/refresh-token`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Done};

/// Renews both cookies: 200, or 401 without a live session. Browsers need not call it, since every request that
/// arrives with an old access token is renewed on the way; API clients may.
#[server(name = RefreshToken, prefix = "/api/auth", endpoint = "refresh-token", input = PostUrl, output = Json)]
pub async fn refresh_token() -> Result<Done, ApiError> {
    crate::web::server_functions::refresh_token().await
}
