//! `POST /api/auth/forgot-password`

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

/// Sends a password reset link if the address has an account. The response is the same if not.
pub struct ForgotPassword;

#[derive(Deserialize, ToSchema)]
pub struct ForgotPasswordInput {
    #[serde(default)]
    #[schema(example = "ada@example.com")]
    pub email: String,
}

impl Endpoint for ForgotPassword {
    const PATH: &'static str = "/api/auth/forgot-password";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::Anyone;
    const FORM: PlainForm = PlainForm::on(routes::FORGOT_PASSWORD, OnSuccess::Stay("done-reset-asked"));
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Ask for a new password",
        success: &[(200, "Sent, if the address has an account.")],
        errors: &[ErrorCode::NotFound, ErrorCode::TooManyAttempts],
    };
    type Input = Fields<ForgotPasswordInput>;
    type Output = Done;

    async fn handle(
        visit: &mut Visit,
        Fields(ForgotPasswordInput { email }): Fields<ForgotPasswordInput>,
    ) -> Result<Done, ApiError> {
        visit.state.accounts.forgot_password(&parse_email(&email)?, &visit.caller()).await?;
        Ok(Done {})
    }
}
