//! The caches of the stores, so that a signed-in customer's request needs no read.

use std::{
    hash::Hash,
    sync::{Arc, PoisonError, RwLock},
};

use quick_cache::sync::Cache;
use tokio::time::Instant;

/// The number of records of a kind in a cache, at up to about 300 bytes each.
pub(super) const REMEMBERED: usize = 10_000;

/// Returns the record of `key`, and reads it if it is not in the cache. A missing record is not cached. A record that
/// is invalidated while it is being read is not cached either, since the read may have returned the old version.
pub(super) async fn recall<K: Hash + Eq + Clone, V: Clone, E>(
    remembered: &Cache<K, V>,
    key: K,
    read: impl Future<Output = Result<Option<V>, E>>,
) -> Result<Option<V>, E> {
    match remembered.get_value_or_guard_async(&key).await {
        Ok(value) => Ok(Some(value)),
        Err(guard) => {
            let value = read.await?;
            if let Some(value) = &value {
                let _ = guard.insert(value.clone());
            }
            Ok(value)
        }
    }
}

/// A cache that is invalidated by change notifications, and valid only while they arrive.
pub(super) struct Followed<T>(RwLock<Option<(Arc<T>, Instant)>>);

impl<T> Default for Followed<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T> Followed<T> {
    /// Marks the cache as valid until the given time.
    pub fn believe(&self, followed: &Arc<T>, until: Instant) {
        self.set(Some((followed.clone(), until)));
    }

    /// Drops the cache, because no notifications arrive.
    pub fn forget(&self) {
        self.set(None);
    }

    /// Returns the cache, valid or not.
    pub fn get(&self) -> Option<Arc<T>> {
        self.read().map(|(followed, _)| followed)
    }

    /// Returns the cache if it is valid now.
    pub fn believed(&self) -> Option<Arc<T>> {
        self.read().filter(|(_, until)| Instant::now() < *until).map(|(followed, _)| followed)
    }

    fn read(&self) -> Option<(Arc<T>, Instant)> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, followed: Option<(Arc<T>, Instant)>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = followed;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn t8_an_entry_that_is_invalidated_while_it_is_read_is_not_cached() {
        let remembered = Cache::<u8, u8>::new(10);
        for forget in [|cache: &Cache<u8, u8>| assert!(cache.remove(&1).is_none()), Cache::clear] {
            let read = async {
                forget(&remembered);
                Ok::<_, ()>(Some(1))
            };
            assert_eq!(recall(&remembered, 1, read).await, Ok(Some(1)));
            assert_eq!(remembered.get(&1), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_followed_value_is_believed_only_until_its_deadline() {
        let followed = Followed::default();
        assert!(followed.believed().is_none());
        followed.believe(&Arc::new(1), Instant::now() + Duration::from_secs(1));
        tokio::time::advance(Duration::from_millis(999)).await;
        assert_eq!(followed.believed().as_deref(), Some(&1));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(followed.believed().is_none());
        assert_eq!(followed.get().as_deref(), Some(&1));
        followed.forget();
        assert!(followed.get().is_none());
    }

    #[tokio::test]
    async fn a_cached_value_is_not_read_again() {
        let remembered = Cache::<u8, u8>::new(10);
        assert_eq!(recall(&remembered, 1, async { Ok::<_, ()>(Some(2)) }).await, Ok(Some(2)));
        assert_eq!(recall(&remembered, 1, async { Err(()) }).await, Ok(Some(2)));
        assert_eq!(recall(&remembered, 2, async { Err(()) }).await, Err(()));
    }
}
