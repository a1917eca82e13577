//! What needs no store: how much is owed at most, and what a refusal says at least.

use async_trait::async_trait;

use super::*;

/// No store, no generator, and a clock that stands.
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
        unreachable!("nobody waits")
    }
}

impl Randomness for Nothing {
    fn fill(&self, _: &mut [u8]) {
        unreachable!("nothing is drawn")
    }
}

fn budget() -> Budget {
    let key = LimitKey::SignUpFrom([192, 0, 2, 1].into());
    Budget::of_attempts(key, super::super::budgets::sign_ups_from(60))
}

#[test]
fn n17_so_many_attempts_are_owed_at_most_and_the_oldest_are_dropped() {
    let limits = Arc::new(Limits::new(Arc::new(Nothing), Arc::new(Nothing), Arc::new(Nothing), 60));
    let id = |number: u128| AttemptId::from_bytes(number.to_be_bytes());
    let attempts =
        (0..10_003).map(|number| Attempt { budget: budget(), id: id(number), expires_at: OffsetDateTime::UNIX_EPOCH });
    // Outside of a runtime, where nothing is repaid.
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
