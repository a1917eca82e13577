//! `POST /api/auth/secure-account`

use axum::http::Method;
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

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

/// Secures an account with the link of a notice: ends all sessions, removes the password, and reverts a change of
/// address.
pub struct SecureAccount;

#[derive(Deserialize, ToSchema)]
pub struct SecureAccountInput {
    #[serde(default)]
    #[schema(value_type = String)]
    pub token: Zeroizing<String>,
}

impl Endpoint for SecureAccount {
    const PATH: &'static str = "/api/auth/secure-account";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::Anyone;
    const FORM: PlainForm = PlainForm::on(routes::SECURE_ACCOUNT, OnSuccess::Stay("done-account-secured"));
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Secure an account",
        success: &[(200, "Secured. A mail leads to a new password.")],
        errors: &[ErrorCode::LinkExpired, ErrorCode::EmailTaken, ErrorCode::TooManyAttempts],
    };
    type Input = Fields<SecureAccountInput>;
    type Output = Done;

    async fn handle(
        visit: &mut Visit,
        Fields(SecureAccountInput { token }): Fields<SecureAccountInput>,
    ) -> Result<Done, ApiError> {
        visit.state.accounts.secure_account(&token, &visit.client()).await?;
        Ok(Done {})
    }
}
