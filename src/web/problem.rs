//! Converts errors of the use cases to errors of the API.

use crate::{
    accounts::Error,
    api::{ApiError, ErrorCode},
};

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        explain(&error)
    }
}

/// Returns the API error for an error of a use case. Failures are logged here once, with their cause.
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
            // Rounded up, so that a retry after this time is not rejected again.
            let seconds = retry_after.as_millis().div_ceil(1000).try_into().unwrap_or(u32::MAX);
            return ApiError { retry_after: Some(seconds), ..ErrorCode::TooManyAttempts.into() };
        }
        Error::StoreUnavailable(_) | Error::HasherBusy | Error::Contended => {
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
