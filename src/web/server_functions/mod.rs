//! The bodies of the API's server functions: they take the request apart, call one use case, and put its tokens into
//! cookies.

mod address;
mod bodies;
mod call;
mod devices;
mod language;
mod password;
mod sign_in;

use super::{AppState, cookies::Presented};
use crate::{
    accounts::{Error, Newcomer},
    api::{ApiError, ErrorCode},
    domain::{EmailAddress, Field, FieldErrors},
};

pub use address::{
    change_email, email, propose_email, resend_verification, secure_account, verify_email, withdraw_email,
};
pub(super) use bodies::{activity_bodies, session_bodies};
pub use bodies::{customer_body, session_body};
use call::Call;
pub(super) use call::caller;
pub use devices::{activity, revoke_other_sessions, revoke_session, sessions};
pub use language::choose_language;
pub use password::{change_password, confirm, forgot_password, reset_password};
pub(super) use sign_in::CLEAR_SITE_DATA;
pub use sign_in::{log_in, log_out, profile, refresh_token, sign_up};

/// Who signed up in this browser and has yet to verify their address.
pub(super) fn newcomer(state: &AppState, presented: &Presented) -> Option<Newcomer> {
    state.accounts.newcomer_cookies.parse(presented.newcomer()?, state.accounts.clock.now())
}

fn parse_email(typed: &str) -> Result<EmailAddress, ApiError> {
    EmailAddress::parse(typed).map_err(|error| ApiError::invalid(FieldErrors::one(Field::Email, error)))
}

fn check<T>(result: Result<T, Error>) -> Result<T, ApiError> {
    result.map_err(|error| explain(&error))
}

/// What anybody is told of an error. Here a failure is logged, once, with its cause.
pub(super) fn explain(error: &Error) -> ApiError {
    let code = match error {
        Error::Invalid(fields) => return ApiError::invalid(fields.clone()),
        Error::InvalidCredentials => ErrorCode::InvalidCredentials,
        Error::Unauthenticated => ErrorCode::Unauthenticated,
        Error::ConfirmationRequired => ErrorCode::ConfirmationRequired,
        Error::NotFound => ErrorCode::NotFound,
        Error::EmailTaken => ErrorCode::EmailTaken,
        Error::LinkExpired => ErrorCode::LinkExpired,
        Error::TooManyAttempts { retry_after } => {
            // Rounded up: whoever waits that long must not be refused again.
            let seconds = retry_after.as_millis().div_ceil(1000).try_into().unwrap_or(u32::MAX);
            return ApiError { retry_after: Some(seconds), ..ErrorCode::TooManyAttempts.into() };
        }
        Error::StoreUnavailable(_) | Error::HasherBusy => {
            tracing::warn!(error = error as &dyn std::error::Error, "unavailable");
            ErrorCode::Unavailable
        }
        Error::Internal(_) => {
            tracing::error!(error = error as &dyn std::error::Error, "a defect");
            ErrorCode::Internal
        }
    };
    code.into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn n5_a_time_to_wait_is_rounded_up() {
        for (millis, seconds) in [(1, 1), (1000, 1), (1001, 2)] {
            let error = Error::TooManyAttempts { retry_after: Duration::from_millis(millis) };
            assert_eq!(explain(&error).retry_after, Some(seconds));
        }
    }
}
