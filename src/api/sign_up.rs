//! `POST /api/auth/signup`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Unread, Welcome};

/// Creates an account and logs the customer in: returns 201 with the customer and both cookies. If the shop requires
/// verified addresses, it returns 202 with `{}`, even if the address already has an account, and sends a mail to it.
#[server(name = SignUp, prefix = "/api/auth", endpoint = "signup", input = PostUrl, output = Json)]
pub async fn sign_up(
    #[server(default)] name: String,
    #[server(default)] email: String,
    #[server(default)] password: String,
) -> Result<Unread<Welcome>, ApiError> {
    use crate::{endpoints, web};
    let input = endpoints::SignUpInput { name, email, password: password.into() };
    web::server_function::run::<endpoints::SignUp>(web::edge::Fields(input)).await.map(Unread::from)
}
