//! `POST /api/auth/login`

use axum::http::Method;
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::{
    api::{ApiError, CustomerBody, ErrorCode},
    domain::LogIn as LogInForm,
    ui::routes,
    web::{
        access::Access,
        bodies::customer_body,
        edge::{Fields, OnSuccess, PlainForm},
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Logs a customer in.
pub struct LogIn;

#[derive(Deserialize, ToSchema)]
pub struct LogInInput {
    #[serde(default)]
    #[schema(example = "ada@example.com")]
    pub email: String,
    #[serde(default)]
    #[schema(value_type = String, format = Password, example = "seven tall herons")]
    pub password: Zeroizing<String>,
}

impl Endpoint for LogIn {
    const PATH: &'static str = "/api/auth/login";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::Anyone;
    const FORM: PlainForm = PlainForm::on(routes::LOG_IN, OnSuccess::Continue { accepted: None });
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Log in",
        success: &[(200, "The customer, signed in.")],
        errors: &[ErrorCode::InvalidCredentials, ErrorCode::TooManyAttempts],
    };
    type Input = Fields<LogInInput>;
    type Output = CustomerBody;

    async fn handle(
        visit: &mut Visit,
        Fields(LogInInput { email, password }): Fields<LogInInput>,
    ) -> Result<CustomerBody, ApiError> {
        let form = LogInForm::parse(&email, &password).map_err(ApiError::invalid)?;
        let (customer, tokens) = visit.state.accounts.log_in(form, visit.caller(), visit.presented.refresh()).await?;
        visit.set_session(&tokens);
        Ok(customer_body(&customer))
    }
}
