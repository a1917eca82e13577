//! The store of known browsers.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::{KnownBrowser, StoreError};
use crate::{
    accounts::core::browser::BrowserHash,
    domain::{CredentialEpoch, CustomerId},
};

/// Stores the browsers in which customers signed in, as hashes.
#[async_trait]
pub trait Browsers: Send + Sync {
    /// Makes a browser known to its customer.
    async fn remember(&self, known: &KnownBrowser) -> Result<(), StoreError>;

    /// Removes the customer's browsers of all epochs before `before`.
    async fn forget(&self, customer: CustomerId, before: CredentialEpoch) -> Result<(), StoreError>;

    /// Removes one browser of the customer, if it is known.
    async fn forget_one(&self, customer: CustomerId, browser: BrowserHash) -> Result<(), StoreError>;

    /// Returns true if the browser is known at `now` to the customer, whose account is in `epoch`.
    async fn knows(
        &self,
        customer: CustomerId,
        epoch: CredentialEpoch,
        browser: BrowserHash,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError>;
}
