//! A budget of a use case, and which outcomes use it up.

use crate::accounts::{
    core::error::Error,
    ports::{Limit, LimitKey},
};

/// A limit that applies to a use case.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct Budget {
    pub(super) key: LimitKey,
    pub(super) limit: Limit,
    pub(super) spent_by: SpentBy,
}

/// The outcomes of a use case that use up a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpentBy {
    /// Failures and successes.
    Attempts,
    Failures,
}

impl Budget {
    /// Returns a budget that successes use up too.
    pub(in crate::accounts) fn of_attempts(key: LimitKey, limit: Limit) -> Self {
        Self { key, limit, spent_by: SpentBy::Attempts }
    }

    /// Returns a budget that only failures use up. Earlier failures stay counted after a success: otherwise the owner
    /// of one account could buy guesses at others with it.
    pub(in crate::accounts) fn of_failures(key: LimitKey, limit: Limit) -> Self {
        Self { key, limit, spent_by: SpentBy::Failures }
    }
}

/// The outcome of a use case, for its limits.
pub(super) enum Outcome {
    Succeeded,
    Failed,
    /// Another limit refused the attempt.
    Refused,
    /// An error of ours.
    Broken,
}

impl Outcome {
    /// Returns the outcome of this result. `is_failure` returns true for successful results that count as failures.
    pub(super) fn of<T>(result: &Result<T, Error>, is_failure: impl FnOnce(&T) -> bool) -> Self {
        match result {
            Ok(value) if is_failure(value) => Self::Failed,
            Ok(_) => Self::Succeeded,
            Err(Error::StoreUnavailable(_) | Error::HasherBusy | Error::Contended | Error::Internal(_)) => Self::Broken,
            Err(Error::TooManyAttempts { .. }) => Self::Refused,
            // Listed one by one, so that a new error does not compile until it is classified.
            Err(
                Error::Invalid(_)
                | Error::InvalidCredentials
                | Error::Unauthenticated
                | Error::ConfirmationRequired
                | Error::NotFound
                | Error::LinkExpired
                | Error::EmailTaken,
            ) => Self::Failed,
        }
    }
}
