//! `POST /api/auth/change-email`

use axum::http::Method;
use serde::Deserialize;
use utoipa::ToSchema;

use super::proof::parse_email;
use crate::{
    api::{ApiError, Done, ErrorCode},
    ui::routes,
    web::{
        access::Access,
        edge::{Fields, OnSuccess, PlainForm},
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Proposes a new address, which replaces an earlier proposal. Sends a mail with a link and a code to it, even if it
/// already has an account.
pub struct ProposeEmail;

#[derive(Deserialize, ToSchema)]
pub struct ProposeEmailInput {
    #[serde(default)]
    #[schema(example = "ada@example.com")]
    pub email: String,
}

impl Endpoint for ProposeEmail {
    const PATH: &'static str = "/api/auth/change-email";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::SignedIn;
    const FORM: PlainForm = PlainForm::on(routes::EMAIL, OnSuccess::Stay("done-email-proposed"));
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Propose another email address",
        success: &[(200, "A mail is on its way to the address.")],
        errors: &[
            ErrorCode::Unauthenticated,
            ErrorCode::ConfirmationRequired,
            ErrorCode::NotFound,
            ErrorCode::TooManyAttempts,
        ],
    };
    type Input = Fields<ProposeEmailInput>;
    type Output = Done;

    async fn handle(
        visit: &mut Visit,
        Fields(ProposeEmailInput { email }): Fields<ProposeEmailInput>,
    ) -> Result<Done, ApiError> {
        let identity = visit.identity()?;
        visit.state.accounts.propose_email(identity, parse_email(&email)?, &visit.client()).await?;
        Ok(Done {})
    }
}
