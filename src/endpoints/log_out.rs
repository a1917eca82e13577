//! `POST /api/auth/logout`

use axum::http::{HeaderValue, Method};

use crate::{
    api::{ApiError, Done},
    web::{
        CLEAR_SITE_DATA,
        access::Access,
        edge::NoInput,
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Ends the session and clears its cookies. If the store does not answer, both remain.
pub struct LogOut;

impl Endpoint for LogOut {
    const PATH: &'static str = "/api/auth/logout";
    const METHOD: Method = Method::POST;
    const ACCESS: Access = Access::Anyone;
    const DOCUMENTATION: Documentation =
        Documentation { summary: "Log out", success: &[(200, "Logged out, or there was no session.")], errors: &[] };
    type Input = NoInput;
    type Output = Done;

    async fn handle(visit: &mut Visit, _: NoInput) -> Result<Done, ApiError> {
        let (access, refresh) = (visit.presented.access(), visit.presented.refresh());
        visit.state.accounts.log_out(access, refresh, &visit.client()).await?;
        visit.clear_session();
        // Removes cached pages and responses of the account (ASVS 5.0, 14.3.1). Not "storage" or "cookies": these also
        // belong to the shop's other pages on the same origin, and this program uses no web storage.
        visit.set_header(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
        Ok(Done {})
    }
}
