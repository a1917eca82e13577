//! The one error of all use cases. What a customer is told of it is decided in `web`; the cause inside is for the log.

use std::time::Duration;

use super::ports::{AddressError, HasherError, StoreError};
use crate::domain::FieldErrors;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was typed cannot be accepted.
    #[error("the form has faults: {0:?}")]
    Invalid(FieldErrors),
    /// No account with this address, or another password: which of the two is nobody's business.
    #[error("the credentials are wrong")]
    InvalidCredentials,
    /// There is no live session.
    #[error("nobody is signed in")]
    Unauthenticated,
    /// The customer has to prove who they are anew before they may do this.
    #[error("the last proof of identity is too old")]
    ConfirmationRequired,
    /// What is to be changed is not there, or is somebody else's.
    #[error("there is no such thing of this customer")]
    NotFound,
    /// The link that somebody followed is not good, or no longer.
    #[error("the link is not good")]
    LinkExpired,
    /// The address has an account already.
    #[error("the address has an account")]
    EmailTaken,
    /// Too many attempts; the next may be made after this time.
    #[error("too many attempts")]
    TooManyAttempts { retry_after: Duration },
    /// A store cannot answer now.
    #[error("a store does not answer")]
    StoreUnavailable(#[source] StoreError),
    /// The hasher has more to do than it may queue.
    #[error("the password hasher is busy")]
    HasherBusy,
    /// The account is being changed by others at this moment, again and again.
    #[error("the account is being changed by others")]
    Contended,
    /// A defect, or data that no longer can be read.
    #[error("a defect")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { .. } => Self::StoreUnavailable(error),
            StoreError::Corrupt { .. } => Self::Internal(Box::new(error)),
        }
    }
}

impl From<AddressError> for Error {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::EmailTaken => Self::EmailTaken,
            AddressError::Store(error) => error.into(),
        }
    }
}

/// What was found by a link, if the link is good: for whoever only looks.
pub(super) fn unless_expired<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::LinkExpired) => Ok(None),
        Err(error) => Err(error),
    }
}

impl From<HasherError> for Error {
    fn from(error: HasherError) -> Self {
        match error {
            HasherError::Busy => Self::HasherBusy,
            HasherError::Failed(_) => Self::Internal(Box::new(error)),
        }
    }
}
