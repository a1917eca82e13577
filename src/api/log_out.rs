//! `POST /api/auth/logout`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Done};

/// Ends the session and clears both cookies: returns 200, with or without a session.
#[server(name = LogOut, prefix = "/api/auth", endpoint = "logout", input = PostUrl, output = Json)]
pub async fn log_out() -> Result<Done, ApiError> {
    use crate::{endpoints, web};
    web::server_function::run::<endpoints::LogOut>(web::edge::NoInput).await
}
