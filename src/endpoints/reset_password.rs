//! `POST /api/auth/reset-password`

use axum::http::Method;
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::{
    api::{ApiError, Done, ErrorCode},
    domain::ResetPassword as ResetPasswordForm,
    ui::routes,
    web::{
        access::Access,
        edge::{Fields, OnSuccess, PlainForm},
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Sets a new password with a reset link. Ends all sessions.
pub struct ResetPassword;

#[derive(Deserialize, ToSchema)]
pub struct ResetPasswordInput {
    #[serde(default)]
    #[schema(value_type = String)]
    pub token: Zeroizing<String>,
    #[serde(default)]
    #[schema(value_type = String, format = Password, example = "seven tall herons")]
    pub password: Zeroizing<String>,
}

impl Endpoint for ResetPassword {
    const PATH: &'static str = "/api/auth/reset-password";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::Anyone;
    const FORM: PlainForm = PlainForm {
        keeps_token: true,
        ..PlainForm::on(routes::RESET_PASSWORD, OnSuccess::Stay("done-password-reset"))
    };
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Choose a new password",
        success: &[(200, "The new password counts.")],
        errors: &[ErrorCode::LinkExpired, ErrorCode::TooManyAttempts],
    };
    type Input = Fields<ResetPasswordInput>;
    type Output = Done;

    async fn handle(
        visit: &mut Visit,
        Fields(ResetPasswordInput { token, password }): Fields<ResetPasswordInput>,
    ) -> Result<Done, ApiError> {
        let form = ResetPasswordForm::parse(&token, &password).map_err(ApiError::invalid)?;
        let refresh = visit.presented.refresh();
        if let Some(browser) = visit.state.accounts.reset_password(form, refresh, &visit.client()).await? {
            visit.set_browser(&browser);
        }
        Ok(Done {})
    }
}
