//! `POST /api/auth/signup`

use axum::http::{Method, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::{
    accounts::SignedUp,
    api::{ApiError, Done, ErrorCode, Welcome},
    domain::SignUp as SignUpForm,
    ui::routes,
    web::{
        access::Access,
        bodies::customer_body,
        edge::{Fields, OnSuccess, PlainForm},
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Creates an account and logs the customer in. If the shop requires verified addresses, it sends a mail instead, and
/// the response does not reveal if the address already has an account.
pub struct SignUp;

#[derive(Deserialize, ToSchema)]
pub struct SignUpInput {
    #[serde(default)]
    #[schema(example = "Ada Lovelace")]
    pub name: String,
    #[serde(default)]
    #[schema(example = "ada@example.com")]
    pub email: String,
    #[serde(default)]
    #[schema(value_type = String, format = Password, example = "seven tall herons")]
    pub password: Zeroizing<String>,
}

impl Endpoint for SignUp {
    const PATH: &'static str = "/api/auth/signup";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::Anyone;
    const FORM: PlainForm =
        PlainForm::on(routes::SIGN_UP, OnSuccess::Continue { accepted: Some(routes::VERIFY_EMAIL) });
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Sign up",
        success: &[(201, "The customer, signed in."), (202, "Accepted: it goes on in the mail to the address.")],
        errors: &[ErrorCode::EmailTaken, ErrorCode::TooManyAttempts],
    };
    type Input = Fields<SignUpInput>;
    type Output = Welcome;

    async fn handle(
        visit: &mut Visit,
        Fields(SignUpInput { name, email, password }): Fields<SignUpInput>,
    ) -> Result<Welcome, ApiError> {
        let form = SignUpForm::parse(&name, &email, &password).map_err(ApiError::invalid)?;
        match visit.state.accounts.sign_up(form, visit.caller(), visit.presented.refresh()).await? {
            SignedUp::SignedIn(customer, tokens) => {
                visit.set_session(&tokens);
                visit.set_status(StatusCode::CREATED);
                Ok(Welcome::SignedIn(customer_body(&customer)))
            }
            SignedUp::Pending(pending_signup) => {
                visit.set_pending_signup(&pending_signup);
                visit.set_status(StatusCode::ACCEPTED);
                Ok(Welcome::NotYet(Done {}))
            }
        }
    }
}
