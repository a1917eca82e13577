//! Removes accounts that were never verified. A sign-up with a mistyped or someone else's address leaves one behind. It
//! is removed after 30 days, so that the shop does not keep a stranger's address.

use std::{sync::Arc, time::Duration};

use crate::accounts::ports::{Clock, Customers, StoreError};

/// How long an unverified account is kept.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// Removes abandoned accounts. Use it only in a shop that requires verified addresses: in others, an unverified account
/// can be in use.
pub struct AbandonedAccounts {
    pub customers: Arc<dyn Customers>,
    pub clock: Arc<dyn Clock>,
}

impl AbandonedAccounts {
    /// Removes abandoned accounts that were created more than 30 days ago.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn remove(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let removed = self.customers.remove_abandoned(now - KEPT, now).await?;
        if removed > 0 {
            tracing::info!(event = "abandoned_accounts_removed", removed, "accounts removed: never verified");
        }
        Ok(())
    }
}
