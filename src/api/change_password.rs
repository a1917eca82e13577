//! `POST /api/auth/change-password`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Done};

/// Changes the password and signs all other devices out: 200 with new cookies.
#[server(name = ChangePassword, prefix = "/api/auth", endpoint = "change-password", input = PostUrl, output = Json)]
pub async fn change_password(
    #[server(default)] current_password: String,
    #[server(default)] password: String,
) -> Result<Done, ApiError> {
    crate::web::server_functions::change_password(&current_password, &password).await
}
