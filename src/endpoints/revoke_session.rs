//! `POST /api/auth/sessions/revoke`

use axum::http::Method;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    accounts::SessionId,
    api::{ApiError, Done, ErrorCode},
    ui::routes,
    web::{
        access::Access,
        edge::{Fields, OnSuccess, PlainForm},
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Ends one session.
pub struct RevokeSession;

#[derive(Deserialize, ToSchema)]
pub struct RevokeSessionInput {
    #[serde(default)]
    #[schema(example = "AAAAAAAAAAAAAAAAAAAAAA")]
    pub session: String,
}

impl Endpoint for RevokeSession {
    const PATH: &'static str = "/api/auth/sessions/revoke";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::SignedIn;
    const FORM: PlainForm = PlainForm {
        shows: &[ErrorCode::NotFound],
        ..PlainForm::on(routes::DEVICES, OnSuccess::Stay("done-device-signed-out"))
    };
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Sign a device out",
        success: &[(200, "Signed out.")],
        errors: &[
            ErrorCode::Unauthenticated,
            ErrorCode::ConfirmationRequired,
            ErrorCode::NotFound,
            ErrorCode::TooManyAttempts,
        ],
    };
    type Input = Fields<RevokeSessionInput>;
    type Output = Done;

    async fn handle(
        visit: &mut Visit,
        Fields(RevokeSessionInput { session }): Fields<RevokeSessionInput>,
    ) -> Result<Done, ApiError> {
        let identity = visit.identity()?;
        let id = SessionId::parse(&session).ok_or(ErrorCode::NotFound)?;
        visit.state.accounts.end_session(identity, id, &visit.client()).await?;
        if id == identity.session.id {
            visit.clear_session();
        }
        Ok(Done {})
    }
}
