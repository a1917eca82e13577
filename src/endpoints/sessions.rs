//! `GET /api/auth/sessions`

use axum::http::Method;

use crate::{
    api::{ApiError, ErrorCode, SessionBody},
    web::{
        access::Access,
        bodies::session_bodies,
        edge::NoInput,
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Returns the customer's sessions, the one that was used last first.
pub struct Sessions;

impl Endpoint for Sessions {
    const PATH: &'static str = "/api/auth/sessions";
    const METHOD: Method = Method::GET;
    const ACCESS: Access = Access::SignedIn;
    const DOCUMENTATION: Documentation = Documentation {
        summary: "List the devices",
        success: &[(200, "The devices.")],
        errors: &[ErrorCode::Unauthenticated],
    };
    type Input = NoInput;
    type Output = Vec<SessionBody>;

    async fn handle(visit: &mut Visit, _: NoInput) -> Result<Vec<SessionBody>, ApiError> {
        let identity = visit.identity()?;
        Ok(session_bodies(identity, &visit.state.accounts.sessions_of(identity).await?))
    }
}
