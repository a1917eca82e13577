//! `POST /api/auth/change-email/confirm`

use axum::http::Method;
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::proof::{given, parse_code};
use crate::{
    accounts::ChangeProof,
    api::{ApiError, Done, ErrorCode},
    ui::routes,
    web::{
        access::Access,
        edge::{Fields, OnSuccess, PlainForm},
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Changes the address to the proposed one, with the `token` of the link or the `code` in the same mail, in the session
/// that proposed it. Ends all other sessions.
pub struct ChangeEmail;

#[derive(Deserialize, ToSchema)]
pub struct ChangeEmailInput {
    #[serde(default)]
    #[schema(value_type = String)]
    pub token: Zeroizing<String>,
    #[serde(default)]
    #[schema(example = "123456")]
    pub code: String,
}

impl Endpoint for ChangeEmail {
    const PATH: &'static str = "/api/auth/change-email/confirm";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::SignedIn;
    const FORM: PlainForm = PlainForm::on(routes::CHANGE_EMAIL, OnSuccess::Stay("done-email-changed"));
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Complete the change of the email address",
        success: &[(200, "The proposed address is the customer's.")],
        errors: &[
            ErrorCode::Unauthenticated,
            ErrorCode::LinkExpired,
            ErrorCode::EmailTaken,
            ErrorCode::TooManyAttempts,
        ],
    };
    type Input = Fields<ChangeEmailInput>;
    type Output = Done;

    async fn handle(
        visit: &mut Visit,
        Fields(ChangeEmailInput { token, code }): Fields<ChangeEmailInput>,
    ) -> Result<Done, ApiError> {
        let identity = visit.identity()?;
        let proof = match given(token) {
            Some(token) => ChangeProof::Link(token),
            None => ChangeProof::Code(parse_code(&code)?),
        };
        let browser = visit.state.accounts.change_email(identity, proof, &visit.client()).await?;
        visit.set_browser(&browser);
        Ok(Done {})
    }
}
