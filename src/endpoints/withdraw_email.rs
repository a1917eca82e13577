//! `POST /api/auth/change-email/cancel`

use axum::http::Method;

use crate::{
    api::{ApiError, Done, ErrorCode},
    ui::routes,
    web::{
        access::Access,
        edge::{NoInput, OnSuccess, PlainForm},
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Removes the proposed address, if any.
pub struct WithdrawEmail;

impl Endpoint for WithdrawEmail {
    const PATH: &'static str = "/api/auth/change-email/cancel";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::SignedIn;
    const FORM: PlainForm = PlainForm::on(routes::EMAIL, OnSuccess::Stay("done-email-withdrawn"));
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Cancel the change of the email address",
        success: &[(200, "No address is proposed.")],
        errors: &[ErrorCode::Unauthenticated],
    };
    type Input = NoInput;
    type Output = Done;

    async fn handle(visit: &mut Visit, _: NoInput) -> Result<Done, ApiError> {
        let identity = visit.identity()?;
        visit.state.accounts.withdraw_email(identity, &visit.client()).await?;
        Ok(Done {})
    }
}
