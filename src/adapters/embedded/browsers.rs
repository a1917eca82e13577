//! The browsers that customers signed in by, in the embedded store.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::{Embedded, Statement, failed, to_millis};
use crate::{
    accounts::{
        BrowserHash,
        ports::{Browsers, StoreError},
    },
    domain::CustomerId,
};

#[async_trait]
impl Browsers for Embedded {
    async fn remember(
        &self,
        customer: CustomerId,
        browser: BrowserHash,
        expires_at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.write(remember(customer, browser, expires_at), customer).await.map(drop)
    }

    async fn forget_all(&self, customer: CustomerId) -> Result<(), StoreError> {
        let forget = sqlx::query("DELETE FROM browsers WHERE customer = ?").bind(customer.to_bytes().to_vec());
        self.write(forget, customer).await.map(drop)
    }

    async fn knows(&self, customer: CustomerId, browser: BrowserHash, now: OffsetDateTime) -> Result<bool, StoreError> {
        let found = sqlx::query("SELECT 1 FROM browsers WHERE customer = ? AND browser = ? AND expires_at > ?")
            .bind(customer.to_bytes().to_vec())
            .bind(browser.to_bytes().to_vec())
            .bind(to_millis(now))
            .fetch_optional(&self.readers);
        found.await.map(|row| row.is_some()).map_err(failed(customer))
    }
}

pub(super) fn remember(customer: CustomerId, browser: BrowserHash, expires_at: OffsetDateTime) -> Statement<'static> {
    sqlx::query(
        "INSERT INTO browsers (customer, browser, expires_at) VALUES (?, ?, ?)
         ON CONFLICT (customer, browser) DO UPDATE SET expires_at = excluded.expires_at",
    )
    .bind(customer.to_bytes().to_vec())
    .bind(browser.to_bytes().to_vec())
    .bind(to_millis(expires_at))
}
