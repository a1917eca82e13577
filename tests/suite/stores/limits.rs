//! What every store of counted attempts promises.

use std::{net::IpAddr, time::Duration as StdDuration};

use doorstep::{
    accounts::ports::{Limit, LimitKey, Reservation},
    domain::EmailAddress,
};
use time::Duration;
use tokio::task::JoinSet;

use super::harness::{World, random};

const LIMIT: Limit = Limit { attempts: 5, window: StdDuration::from_mins(15) };

store_contract![
    l2_of_two_hundred_attempts_at_once_exactly_the_limit_is_granted,
    a_refusal_says_how_long_the_window_still_lasts,
    a_window_ends_at_its_time_however_many_are_refused_and_a_new_one_starts,
    an_attempt_that_is_given_back_may_be_made_again,
    nothing_is_given_back_that_was_not_counted,
    nothing_is_given_back_to_a_window_that_is_over,
    every_limit_is_counted_on_its_own,
    l6_a_dump_of_the_store_names_nobody_who_tried,
];

async fn l2_of_two_hundred_attempts_at_once_exactly_the_limit_is_granted(world: &World) {
    let (key, now) = (an_account(), world.now());
    let mut attempts = JoinSet::new();
    for _ in 0..200 {
        let (limits, key) = (world.limits.clone(), key.clone());
        attempts.spawn(async move { limits.reserve(&key, LIMIT, now).await.unwrap() });
    }
    let outcomes = attempts.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Reservation::Granted).count(), 5, "{outcomes:?}");
    let refused = Reservation::Refused { retry_after: LIMIT.window };
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == refused).count(), 195, "{outcomes:?}");
}

async fn a_refusal_says_how_long_the_window_still_lasts(world: &World) {
    let key = an_account();
    use_up(world, &key).await;
    assert_eq!(retry_after(world, &key).await, LIMIT.window);
    world.clock.advance(Duration::MINUTE);
    assert_eq!(retry_after(world, &key).await, StdDuration::from_mins(14));
    world.clock.advance(14 * Duration::MINUTE - Duration::MILLISECOND);
    assert_eq!(retry_after(world, &key).await, StdDuration::from_millis(1));
    // A clock that was set back makes nobody wait longer than a window.
    world.clock.advance(-Duration::HOUR);
    assert_eq!(retry_after(world, &key).await, LIMIT.window);
}

async fn a_window_ends_at_its_time_however_many_are_refused_and_a_new_one_starts(world: &World) {
    let key = an_account();
    use_up(world, &key).await;
    for _ in 0..15 {
        retry_after(world, &key).await;
        world.clock.advance(Duration::MINUTE);
    }
    use_up(world, &key).await;
    assert_eq!(retry_after(world, &key).await, LIMIT.window);
}

async fn an_attempt_that_is_given_back_may_be_made_again(world: &World) {
    let key = an_account();
    use_up(world, &key).await;
    world.clock.advance(Duration::MINUTE);
    give_back(world, &key).await;
    assert_eq!(reserve(world, &key).await, Reservation::Granted);
    // The window is the one that it was.
    assert_eq!(retry_after(world, &key).await, StdDuration::from_mins(14));
}

async fn nothing_is_given_back_that_was_not_counted(world: &World) {
    let key = an_account();
    give_back(world, &key).await;
    world.clock.advance(Duration::MINUTE);
    // No window has started by that, and none holds more than the limit.
    use_up(world, &key).await;
    assert_eq!(retry_after(world, &key).await, LIMIT.window);

    for _ in 0..8 {
        give_back(world, &key).await;
    }
    use_up(world, &key).await;
    retry_after(world, &key).await;
}

async fn nothing_is_given_back_to_a_window_that_is_over(world: &World) {
    let key = an_account();
    use_up(world, &key).await;
    world.clock.advance(15 * Duration::MINUTE);
    give_back(world, &key).await;
    use_up(world, &key).await;
    retry_after(world, &key).await;
}

async fn every_limit_is_counted_on_its_own(world: &World) {
    let [one, other]: [IpAddr; 2] = [random::<4>(), random::<4>()].map(IpAddr::from);
    use_up(world, &LimitKey::LogInFrom(one)).await;
    for key in [LimitKey::LogInFrom(other), LimitKey::SignUpFrom(one), an_account()] {
        assert_eq!(reserve(world, &key).await, Reservation::Granted, "{key:?}");
    }
    retry_after(world, &LimitKey::LogInFrom(one)).await;
}

async fn l6_a_dump_of_the_store_names_nobody_who_tried(world: &World) {
    let key = an_account();
    use_up(world, &key).await;
    let LimitKey::LogInTo(email) = &key else { unreachable!() };
    let dump = world.dump().await;
    let holds = |needle: &str| dump.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(holds("log_in_to"), "the dump is not of this store");
    assert!(!holds(email.local_part()));
}

/// An account that nobody has tried yet.
fn an_account() -> LimitKey {
    LimitKey::LogInTo(EmailAddress::parse(&format!("{:016x}@x.test", u64::from_be_bytes(random()))).unwrap())
}

async fn reserve(world: &World, key: &LimitKey) -> Reservation {
    world.limits.reserve(key, LIMIT, world.now()).await.unwrap()
}

async fn give_back(world: &World, key: &LimitKey) {
    world.limits.give_back(key, world.now()).await.unwrap();
}

/// Makes all attempts of a window, every one of which must be granted.
async fn use_up(world: &World, key: &LimitKey) {
    for _ in 0..LIMIT.attempts {
        assert_eq!(reserve(world, key).await, Reservation::Granted);
    }
}

/// Makes one attempt, which must be refused.
async fn retry_after(world: &World, key: &LimitKey) -> StdDuration {
    match reserve(world, key).await {
        Reservation::Refused { retry_after } => retry_after,
        Reservation::Granted => panic!("granted"),
    }
}
