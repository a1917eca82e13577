//! Tests without a store: the maximum number of owed attempts, and the minimum of `retry_after`.

use async_trait::async_trait;

use super::*;
use crate::accounts::ports::LimitKey;

/// A store and a generator that must not be used, with a clock that stands still.
struct Nothing;

#[async_trait]
impl AttemptLimits for Nothing {
    async fn reserve(
        &self,
        _: &LimitKey,
        _: Limit,
        _: AttemptId,
        _: OffsetDateTime,
    ) -> Result<Reservation, StoreError> {
        unreachable!("nothing is counted")
    }

    async fn retry_after(&self, _: &LimitKey, _: Limit, _: OffsetDateTime) -> Result<Option<Duration>, StoreError> {
        unreachable!("nothing is asked")
    }

    async fn give_back(&self, _: &LimitKey, _: Limit, _: AttemptId, _: OffsetDateTime) -> Result<(), StoreError> {
        unreachable!("nothing is given back")
    }
}

#[async_trait]
impl Clock for Nothing {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH
    }

    async fn wait(&self, _: Duration) {
        unreachable!("no caller waits")
    }
}

impl Randomness for Nothing {
    fn fill(&self, _: &mut [u8]) {
        unreachable!("nothing is drawn")
    }
}

fn budget() -> Budget {
    let key = LimitKey::SignUpFrom([192, 0, 2, 1].into());
    Budget::of_attempts(key, crate::accounts::core::budgets::sign_ups::sign_ups_from(60))
}

#[test]
fn n17_the_number_of_owed_attempts_is_limited_and_the_oldest_are_dropped() {
    let limits = Arc::new(Limits::new(Arc::new(Nothing), Arc::new(Nothing), Arc::new(Nothing), 60));
    let id = |number: u128| AttemptId::from_bytes(number.to_be_bytes());
    let attempts =
        (0..10_003).map(|number| Attempt { budget: budget(), id: id(number), expires_at: OffsetDateTime::UNIX_EPOCH });
    // Outside of a runtime, where nothing is given back.
    limits.owe(attempts.collect());
    let owed = limits.owed();
    assert_eq!((owed.len(), owed[0].id, owed[9_999].id), (10_000, id(3), id(10_002)));
}

#[test]
fn n5_a_refusal_never_says_to_come_back_at_once() {
    let told = |wait: Duration| match refused(&budget(), wait) {
        Error::TooManyAttempts { retry_after } => retry_after,
        other => panic!("{other:?}"),
    };
    assert_eq!(told(Duration::ZERO), Duration::from_secs(1));
    assert_eq!(told(Duration::from_millis(999)), Duration::from_secs(1));
    assert_eq!(told(Duration::from_millis(1001)), Duration::from_millis(1001));
}

/// A store that grants every attempt, and counts those that are not given back.
#[derive(Default)]
struct Granting(std::sync::atomic::AtomicI32);

#[async_trait]
impl AttemptLimits for Granting {
    async fn reserve(
        &self,
        _: &LimitKey,
        _: Limit,
        _: AttemptId,
        _: OffsetDateTime,
    ) -> Result<Reservation, StoreError> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(Reservation::Granted { wait: Duration::ZERO })
    }

    async fn retry_after(&self, _: &LimitKey, _: Limit, _: OffsetDateTime) -> Result<Option<Duration>, StoreError> {
        Ok(None)
    }

    async fn give_back(&self, _: &LimitKey, _: Limit, _: AttemptId, _: OffsetDateTime) -> Result<(), StoreError> {
        self.0.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }
}

/// A generator of zeros.
struct Zeros;

impl Randomness for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

#[tokio::test]
async fn n18_only_work_that_succeeds_uses_up_a_notice_of_the_budget() {
    let store = Arc::new(Granting::default());
    let limits = Arc::new(Limits::new(store.clone(), Arc::new(Nothing), Arc::new(Zeros), 60));
    let kept = async || {
        // Attempts are given back in the background.
        tokio::task::yield_now().await;
        store.0.load(std::sync::atomic::Ordering::Relaxed)
    };
    limits.spend_on_success(budget(), async |_| Err::<(), _>(Error::NotFound)).await.unwrap_err();
    assert_eq!(kept().await, 0);
    {
        let abandoned = limits.spend_on_success(budget(), async |_| std::future::pending::<Result<(), Error>>().await);
        let mut abandoned = std::pin::pin!(abandoned);
        assert!(futures_util::poll!(&mut abandoned).is_pending());
        assert_eq!(store.0.load(std::sync::atomic::Ordering::Relaxed), 1);
    }
    assert_eq!(kept().await, 0, "its caller disconnected");
    limits.spend_on_success(budget(), async |_| Ok(())).await.unwrap();
    assert_eq!(kept().await, 1);
}
