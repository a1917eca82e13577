//! Where the customer is signed in, and what happened to the account.

use super::{
    Call,
    bodies::{activity_bodies, session_bodies},
    check,
};
use crate::{
    accounts::{SessionId, ports::MOST_ACTIVITIES},
    api::{ActivityBody, ApiError, Done, ErrorCode, SessionBody},
};

/// `GET /api/auth/sessions`
///
/// # Errors
/// As the API says.
pub async fn sessions() -> Result<Vec<SessionBody>, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    Ok(session_bodies(identity, &check(call.state.accounts.sessions_of(identity).await)?))
}

/// `POST /api/auth/sessions/revoke`
///
/// # Errors
/// As the API says.
pub async fn revoke_session(session: &str) -> Result<Done, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    let id = SessionId::parse(session).ok_or(ErrorCode::NotFound)?;
    check(call.state.accounts.end_session(identity, id, &call.client()).await)?;
    if id == identity.session.id {
        call.clear_cookies();
    }
    Ok(Done {})
}

/// `POST /api/auth/sessions/revoke-others`
///
/// # Errors
/// As the API says.
pub async fn revoke_other_sessions() -> Result<Done, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    let browser = check(call.state.accounts.end_other_sessions(identity, &call.client()).await)?;
    call.append_cookies([call.state.cookies.set_browser(&browser)]);
    Ok(Done {})
}

/// `GET /api/auth/activity`
///
/// # Errors
/// As the API says.
pub async fn activity() -> Result<Vec<ActivityBody>, ApiError> {
    let call = Call::current()?;
    let identity = call.identity().await?;
    Ok(activity_bodies(check(call.state.accounts.activities(identity, MOST_ACTIVITIES).await)?))
}
