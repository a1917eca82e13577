//! `POST /api/auth/verify-email/resend`

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

/// Sends the verification mail again.
pub struct ResendVerification;

#[derive(Deserialize, ToSchema)]
pub struct ResendVerificationInput {
    #[serde(default)]
    #[schema(example = "ada@example.com")]
    pub email: String,
}

impl Endpoint for ResendVerification {
    const PATH: &'static str = "/api/auth/verify-email/resend";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::Anyone;
    const FORM: PlainForm = PlainForm::on(routes::VERIFY_EMAIL, OnSuccess::Stay("done-verification-sent"));
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Send the verification again",
        success: &[(200, "Sent, if there is an account to verify.")],
        errors: &[ErrorCode::Unauthenticated, ErrorCode::NotFound, ErrorCode::TooManyAttempts],
    };
    type Input = Fields<ResendVerificationInput>;
    type Output = Done;

    async fn handle(
        visit: &mut Visit,
        Fields(ResendVerificationInput { email }): Fields<ResendVerificationInput>,
    ) -> Result<Done, ApiError> {
        let email = (!email.trim().is_empty()).then(|| parse_email(&email)).transpose()?;
        let identity = visit.authenticate().await?;
        visit.state.accounts.resend_verification(email, &visit.caller(), identity).await?;
        Ok(Done {})
    }
}
