//! `POST /api/auth/login`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, CustomerBody, Unread};

/// Signs a customer in: 200 with the customer, and both cookies. Where a form wants to go next is not this function's
/// matter: its page knows, and for a form without scripts `web::edge` does.
#[server(name = LogIn, prefix = "/api/auth", endpoint = "login", input = PostUrl, output = Json)]
pub async fn log_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
) -> Result<Unread<CustomerBody>, ApiError> {
    use crate::{endpoints, web};
    let input = endpoints::LogInInput { email, password: password.into() };
    web::server_function::run::<endpoints::LogIn>(web::edge::Fields(input)).await.map(Unread::from)
}
