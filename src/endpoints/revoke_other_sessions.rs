//! `POST /api/auth/sessions/revoke-others`

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

/// Ends all other sessions.
pub struct RevokeOtherSessions;

impl Endpoint for RevokeOtherSessions {
    const PATH: &'static str = "/api/auth/sessions/revoke-others";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::SignedIn;
    const FORM: PlainForm = PlainForm {
        shows: &[ErrorCode::NotFound],
        ..PlainForm::on(routes::DEVICES, OnSuccess::Stay("done-device-signed-out"))
    };
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Sign all other devices out",
        success: &[(200, "Signed out.")],
        errors: &[ErrorCode::Unauthenticated, ErrorCode::ConfirmationRequired, ErrorCode::TooManyAttempts],
    };
    type Input = NoInput;
    type Output = Done;

    async fn handle(visit: &mut Visit, _: NoInput) -> Result<Done, ApiError> {
        let browser = visit.state.accounts.end_other_sessions(visit.identity()?, &visit.client()).await?;
        visit.set_browser(&browser);
        Ok(Done {})
    }
}
