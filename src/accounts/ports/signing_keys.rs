//! The store of signing keys.

use async_trait::async_trait;

use super::StoreError;
use crate::accounts::sessions::signing_key::SealedKey;

/// Stores sealed signing keys.
#[async_trait]
pub trait SigningKeys: Send + Sync {
    /// Returns all keys, ordered by number.
    async fn list(&self) -> Result<Vec<SealedKey>, StoreError>;

    /// Adds a key, unless there is one with its number. Returns true if it was added.
    async fn add(&self, key: &SealedKey) -> Result<bool, StoreError>;

    /// Removes the keys with these numbers.
    async fn remove(&self, numbers: &[u32]) -> Result<(), StoreError>;
}
