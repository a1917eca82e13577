//! What a store remembers of its records, so that a request of somebody who is signed in waits for no read.

use std::hash::Hash;

use quick_cache::sync::Cache;

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

#[cfg(test)]
mod tests {
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

    #[tokio::test]
    async fn what_is_remembered_is_not_read_again() {
        let remembered = Cache::<u8, u8>::new(10);
        assert_eq!(recall(&remembered, 1, async { Ok::<_, ()>(Some(2)) }).await, Ok(Some(2)));
        assert_eq!(recall(&remembered, 1, async { Err(()) }).await, Ok(Some(2)));
        assert_eq!(recall(&remembered, 2, async { Err(()) }).await, Err(()));
    }
}
