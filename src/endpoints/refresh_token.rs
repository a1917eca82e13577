//! `POST /api/auth/refresh-token`

use axum::http::Method;

use crate::{
    accounts::Error,
    api::{ApiError, Done, ErrorCode},
    web::{
        access::Access,
        edge::NoInput,
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Renews both cookies. For API clients: browsers do not need it, because every request with an expired access token
/// renews the cookies.
pub struct RefreshToken;

impl Endpoint for RefreshToken {
    const PATH: &'static str = "/api/auth/refresh-token";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::Anyone;
    const DOCUMENTATION: Documentation = Documentation {
        summary: "Refresh the tokens",
        success: &[(200, "New tokens, as cookies.")],
        errors: &[ErrorCode::Unauthenticated, ErrorCode::TooManyAttempts],
    };
    type Input = NoInput;
    type Output = Done;

    async fn handle(visit: &mut Visit, _: NoInput) -> Result<Done, ApiError> {
        let Some(token) = visit.presented.refresh() else { return Err(ErrorCode::Unauthenticated.into()) };
        match visit.state.accounts.refresh_on_request(token, &visit.caller()).await {
            Ok(tokens) => {
                visit.set_session(&tokens);
                Ok(Done {})
            }
            Err(error) => {
                if matches!(error, Error::Unauthenticated) {
                    visit.clear_session();
                }
                Err(error.into())
            }
        }
    }
}
