//! `POST /api/auth/login`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, CustomerBody, Unread};

/// Logs a customer in: returns 200 with the customer and both cookies. The page decides where a form continues; for a
/// form without scripts, `web::edge` does.
#[server(name = LogIn, prefix = "/api/auth", endpoint = "login", input = PostUrl, output = Json)]
pub async fn log_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
) -> Result<Unread<CustomerBody>, ApiError> {
    use crate::{endpoints, web};
    let input = endpoints::LogInInput { email, password: password.into() };
    web::server_function::run::<endpoints::LogIn>(web::edge::Fields(input)).await.map(Unread::from)
}
