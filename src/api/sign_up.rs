//! `POST /api/auth/signup`

use leptos::{
    prelude::*,
    server_fn::codec::{Json, PostUrl},
};

use super::{ApiError, CustomerBody};

/// Makes an account and signs its customer in: 201 with the customer, and both cookies.
#[server(name = SignUp, prefix = "/api/auth", endpoint = "signup", input = PostUrl, output = Json)]
pub async fn sign_up(
    #[server(default)] name: String,
    #[server(default)] email: String,
    #[server(default)] password: String,
) -> Result<CustomerBody, ApiError> {
    crate::web::server_functions::sign_up(&name, &email, &password).await
}
