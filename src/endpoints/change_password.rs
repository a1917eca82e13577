//! `POST /api/auth/change-password`

use axum::http::Method;
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::{
    api::{ApiError, Done, ErrorCode},
    domain::ChangePassword as ChangePasswordForm,
    ui::routes,
    web::{
        access::Access,
        edge::{Fields, OnSuccess, PlainForm},
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Changes the password. Ends all other sessions.
pub struct ChangePassword;

#[derive(Deserialize, ToSchema)]
pub struct ChangePasswordInput {
    #[serde(default)]
    #[schema(value_type = String, format = Password, example = "seven tall herons")]
    pub current_password: Zeroizing<String>,
    #[serde(default)]
    #[schema(value_type = String, format = Password, example = "seven tall herons")]
    pub password: Zeroizing<String>,
}

impl Endpoint for ChangePassword {
    const PATH: &'static str = "/api/auth/change-password";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::SignedIn;
    const FORM: PlainForm = PlainForm::on(routes::SECURITY, OnSuccess::Stay("done-password-changed"));
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Change the password",
        success: &[(200, "Changed, with new cookies.")],
        errors: &[ErrorCode::Unauthenticated, ErrorCode::TooManyAttempts],
    };
    type Input = Fields<ChangePasswordInput>;
    type Output = Done;

    async fn handle(
        visit: &mut Visit,
        Fields(ChangePasswordInput { current_password, password }): Fields<ChangePasswordInput>,
    ) -> Result<Done, ApiError> {
        let identity = visit.identity()?;
        let form = ChangePasswordForm::parse(&current_password, &password).map_err(ApiError::invalid)?;
        let tokens = visit.state.accounts.change_password(identity, form, visit.caller()).await?;
        visit.set_session(&tokens);
        Ok(Done {})
    }
}
