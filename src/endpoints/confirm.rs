//! `POST /api/auth/confirm`

use axum::http::Method;
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::{
    api::{ApiError, Done, ErrorCode},
    domain::Confirm as ConfirmForm,
    ui::routes,
    web::{
        access::Access,
        edge::{Fields, OnSuccess, PlainForm},
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Confirms the customer's identity with the password. The confirmation is valid for 10 minutes.
pub struct Confirm;

#[derive(Deserialize, ToSchema)]
pub struct ConfirmInput {
    #[serde(default)]
    #[schema(value_type = String, format = Password, example = "seven tall herons")]
    pub current_password: Zeroizing<String>,
}

impl Endpoint for Confirm {
    const PATH: &'static str = "/api/auth/confirm";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::SignedIn;
    const FORM: PlainForm = PlainForm::on(routes::CONFIRM, OnSuccess::Continue { accepted: None });
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Confirm the password",
        success: &[(200, "Confirmed, with new cookies.")],
        errors: &[ErrorCode::Unauthenticated, ErrorCode::TooManyAttempts],
    };
    type Input = Fields<ConfirmInput>;
    type Output = Done;

    async fn handle(
        visit: &mut Visit,
        Fields(ConfirmInput { current_password }): Fields<ConfirmInput>,
    ) -> Result<Done, ApiError> {
        let identity = visit.identity()?;
        let form = ConfirmForm::parse(&current_password).map_err(ApiError::invalid)?;
        let tokens = visit.state.accounts.confirm(identity, form, visit.caller()).await?;
        visit.set_session(&tokens);
        Ok(Done {})
    }
}
