//! The error of all use cases. `web` decides what a customer is told; the cause is for the log.

use std::time::Duration;

use crate::{
    accounts::ports::{AddressError, HasherError, StoreError},
    domain::FieldErrors,
};

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input is invalid.
    #[error("the form has faults: {0:?}")]
    Invalid(FieldErrors),
    /// There is no account with this address, or the password is wrong. The caller must not learn which.
    #[error("the credentials are wrong")]
    InvalidCredentials,
    /// There is no live session.
    #[error("no customer is signed in")]
    Unauthenticated,
    /// The customer has to prove their identity again first.
    #[error("the last proof of identity is too old")]
    ConfirmationRequired,
    /// The requested object does not exist, or is another customer's.
    #[error("there is no such thing of this customer")]
    NotFound,
    /// The link is invalid, has expired or was used.
    #[error("the link is not good")]
    LinkExpired,
    /// The address already has an account.
    #[error("the address has an account")]
    EmailTaken,
    /// Too many attempts. The next one is allowed after this time.
    #[error("too many attempts")]
    TooManyAttempts { retry_after: Duration },
    /// A store does not answer, or refuses the operation.
    #[error("a store is unavailable")]
    StoreUnavailable(#[source] StoreError),
    /// The queue of the password hasher is full.
    #[error("the password hasher is busy")]
    HasherBusy,
    /// Concurrent changes to the account made every attempt fail.
    #[error("the account is being changed by others")]
    Contended,
    /// A bug, or stored data that cannot be read.
    #[error("a defect")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { .. } | StoreError::Refused { .. } => Self::StoreUnavailable(error),
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

/// Returns what a link leads to, or `None` if the link is invalid. For callers that only look at it.
pub(in crate::accounts) fn unless_expired<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
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
