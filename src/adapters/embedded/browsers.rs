//! Browsers that customers have logged in with, in the embedded store.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::{Embedded, Statement, failed, to_millis};
use crate::{
    accounts::{
        BrowserHash,
        ports::{Browsers, KnownBrowser, StoreError},
    },
    domain::{CredentialEpoch, CustomerId},
};

#[async_trait]
impl Browsers for Embedded {
    async fn remember(&self, known: &KnownBrowser) -> Result<(), StoreError> {
        self.write(remember(known), known.customer).await.map(drop)
    }

    async fn forget(&self, customer: CustomerId, before: CredentialEpoch) -> Result<(), StoreError> {
        let forget = sqlx::query("DELETE FROM browsers WHERE customer = ? AND epoch < ?")
            .bind(customer.to_bytes().to_vec())
            .bind(before.number());
        self.write(forget, customer).await.map(drop)
    }

    async fn forget_one(&self, customer: CustomerId, browser: BrowserHash) -> Result<(), StoreError> {
        let forget = sqlx::query("DELETE FROM browsers WHERE customer = ? AND browser = ?")
            .bind(customer.to_bytes().to_vec())
            .bind(browser.to_bytes().to_vec());
        self.write(forget, customer).await.map(drop)
    }

    async fn knows(
        &self,
        customer: CustomerId,
        epoch: CredentialEpoch,
        browser: BrowserHash,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let found =
            sqlx::query("SELECT 1 FROM browsers WHERE customer = ? AND browser = ? AND epoch = ? AND expires_at > ?")
                .bind(customer.to_bytes().to_vec())
                .bind(browser.to_bytes().to_vec())
                .bind(epoch.number())
                .bind(to_millis(now))
                .fetch_optional(&self.readers);
        found.await.map(|row| row.is_some()).map_err(failed(customer))
    }
}

/// Returns the statement that stores a known browser. One that is already known in a later epoch keeps that epoch.
pub(super) fn remember(known: &KnownBrowser) -> Statement<'static> {
    sqlx::query(
        "INSERT INTO browsers (customer, browser, epoch, expires_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (customer, browser) DO UPDATE SET epoch = excluded.epoch, expires_at = excluded.expires_at
         WHERE excluded.epoch >= epoch",
    )
    .bind(known.customer.to_bytes().to_vec())
    .bind(known.browser.to_bytes().to_vec())
    .bind(known.epoch.number())
    .bind(to_millis(known.expires_at))
}
