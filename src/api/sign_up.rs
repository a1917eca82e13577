//! `POST /api/auth/signup`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, Unread, Welcome};

/// Makes an account and signs its customer in: 201 with the customer, and both cookies. Where the shop asks for verified
/// addresses, 202 with `{}`, whether the address has an account or not: it goes on in the mail to it.
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
