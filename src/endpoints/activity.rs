//! `GET /api/auth/activity`

use axum::http::Method;

use crate::{
    accounts::ports::MOST_ACTIVITIES,
    api::{ActivityBody, ApiError, ErrorCode},
    web::{
        access::Access,
        bodies::activity_bodies,
        edge::NoInput,
        endpoint::{Documentation, Endpoint},
        visit::Visit,
    },
};

/// Returns the events of the account, the latest first.
pub struct Activity;

impl Endpoint for Activity {
    const PATH: &'static str = "/api/auth/activity";
    const METHOD: Method = Method::GET;
    const ACCESS: Access = Access::SignedIn;
    const DOCUMENTATION: Documentation = Documentation {
        summary: "List the activity",
        success: &[(200, "The activity.")],
        errors: &[ErrorCode::Unauthenticated],
    };
    type Input = NoInput;
    type Output = Vec<ActivityBody>;

    async fn handle(visit: &mut Visit, _: NoInput) -> Result<Vec<ActivityBody>, ApiError> {
        let activities = visit.state.accounts.activities(visit.identity()?, MOST_ACTIVITIES).await?;
        Ok(activity_bodies(activities))
    }
}
