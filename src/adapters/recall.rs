//! What a store remembers of its records, so that a request of somebody who is signed in waits for no read.

use std::{
    hash::Hash,
    sync::{Arc, PoisonError, RwLock},
};

use quick_cache::sync::Cache;
use tokio::time::Instant;

/// How many records of a kind are remembered, at some 300 bytes each at most.
pub(super) const REMEMBERED: usize = 10_000;

/// The record of `key`, read when it is not remembered. What is not there is not remembered, and neither is a record
/// that is forgotten while it is being read: what was read may be what it was before.
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

/// Something that is kept right by whoever hears of changes, and believed only for as long as they hear anything.
pub(super) struct Followed<T>(RwLock<Option<(Arc<T>, Instant)>>);

impl<T> Default for Followed<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T> Followed<T> {
    /// Has it believed until then.
    pub fn believe(&self, followed: &Arc<T>, until: Instant) {
        self.set(Some((followed.clone(), until)));
    }

    /// Nobody hears of changes any more.
    pub fn forget(&self) {
        self.set(None);
    }

    /// It, whether it may be believed or not.
    pub fn get(&self) -> Option<Arc<T>> {
        self.read().map(|(followed, _)| followed)
    }

    /// It, if it may be believed now.
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
    async fn t8_what_is_forgotten_while_it_is_read_is_not_remembered() {
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
    async fn what_is_followed_is_believed_until_nothing_was_heard_for_too_long() {
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
    async fn what_is_remembered_is_not_read_again() {
        let remembered = Cache::<u8, u8>::new(10);
        assert_eq!(recall(&remembered, 1, async { Ok::<_, ()>(Some(2)) }).await, Ok(Some(2)));
        assert_eq!(recall(&remembered, 1, async { Err(()) }).await, Ok(Some(2)));
        assert_eq!(recall(&remembered, 2, async { Err(()) }).await, Err(()));
    }
}
