//! Accounts that were made and never verified. A sign-up with a mistyped or foreign address leaves one behind. They are
//! removed after a month, so that a stranger's address does not stay with the shop.

use std::{sync::Arc, time::Duration};

use super::ports::{Clock, Customers, StoreError};

/// How long an account is kept that was never verified.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// Removes abandoned accounts. Only for a shop that requires verified addresses: elsewhere, an account can be used without.
pub struct AbandonedAccounts {
    pub customers: Arc<dyn Customers>,
    pub clock: Arc<dyn Clock>,
}

impl AbandonedAccounts {
    /// Removes those that were made more than 30 days ago.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn remove(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let removed = self.customers.remove_abandoned(now - KEPT, now).await?;
        if removed > 0 {
            tracing::info!(event = "abandoned_accounts_removed", removed, "accounts removed: never verified");
        }
        Ok(())
    }
}
