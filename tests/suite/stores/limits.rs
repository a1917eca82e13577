//! The contract of stores of counted attempts.

use std::{net::IpAddr, time::Duration as StdDuration};

use doorstep::{
    accounts::{
        BrowserHash,
        ports::{AttemptId, Limit, LimitKey, Reservation, Step},
    },
    domain::EmailAddress,
};
use time::Duration;
use tokio::task::JoinSet;

use super::harness::{World, attempt, random};

const ATTEMPTS: u32 = 5;
const NO_DELAY: Step = Step { below: ATTEMPTS, delay: StdDuration::ZERO };
const LIMIT: Limit = Limit::new(StdDuration::from_mins(15), [NO_DELAY]);
/// Attempts with a delay that grows with their number.
const GROWING: Limit = Limit::new(
    StdDuration::from_mins(15),
    [
        Step { below: 2, delay: StdDuration::from_secs(1) },
        Step { below: 4, delay: StdDuration::from_secs(3) },
        Step { below: 5, delay: StdDuration::from_hours(1) },
    ],
);
const GRANTED: Reservation = Reservation::Granted { wait: StdDuration::ZERO };

store_contract![
    l2_of_two_hundred_attempts_at_once_exactly_the_limit_is_granted,
    a_refusal_says_how_long_the_window_still_lasts,
    a_window_ends_at_its_time_however_many_are_refused_and_a_new_one_starts,
    an_attempt_that_is_given_back_may_be_made_again,
    nothing_is_given_back_that_was_not_counted,
    nothing_is_given_back_to_a_window_that_is_over,
    l2_the_delay_between_attempts_grows_with_their_number,
    l2_of_two_hundred_attempts_at_once_one_is_made_and_one_waits_for_its_turn,
    a_clock_that_is_set_back_adds_no_delay_and_forgets_no_attempt,
    a_wait_that_is_announced_after_a_clock_was_set_back_ends_without_an_attempt,
    an_attempt_that_is_given_back_delays_no_later_attempt,
    n17_a5_an_attempt_that_is_given_back_leaves_the_delay_of_the_one_before,
    n17_a5_an_attempt_is_counted_once_and_given_back_once_however_often_that_is_asked,
    n5_a4_a_retry_after_the_wait_that_a_refusal_names_is_granted,
    every_limit_is_counted_on_its_own,
    l6_a_dump_of_the_store_contains_no_address_of_a_login_attempt,
];

async fn l2_of_two_hundred_attempts_at_once_exactly_the_limit_is_granted(world: &World) {
    let (key, now) = (an_account(), world.now());
    let mut attempts = JoinSet::new();
    for _ in 0..200 {
        let (limits, key) = (world.limits.clone(), key.clone());
        attempts.spawn(async move { limits.reserve(&key, LIMIT, attempt(), now).await.unwrap() });
    }
    let outcomes = attempts.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == GRANTED).count(), 5, "{outcomes:?}");
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
    // After a clock was set back, no one waits longer than a window.
    world.clock.advance(-Duration::HOUR);
    assert_eq!(retry_after(world, &key).await, LIMIT.window);
}

async fn a_clock_that_is_set_back_adds_no_delay_and_forgets_no_attempt(world: &World) {
    let key = an_account();
    let reserve = async || world.limits.reserve(&key, GROWING, attempt(), world.now()).await.unwrap();
    assert_eq!(reserve().await, GRANTED);
    world.clock.advance(-Duration::HOUR);
    assert_eq!(reserve().await, Reservation::Granted { wait: StdDuration::from_secs(1) });
    world.clock.advance(-Duration::HOUR);
    // The third attempt has to be three seconds after the second.
    assert_eq!(reserve().await, Reservation::Refused { retry_after: StdDuration::from_secs(3) });
    world.clock.advance(3 * Duration::SECOND);
    assert_eq!(reserve().await, GRANTED);
    // The window ends one window length after the clock was set back.
    world.clock.advance(Duration::try_from(GROWING.window).unwrap());
    for _ in 0..2 {
        assert_eq!(reserve().await, GRANTED);
        world.clock.advance(Duration::SECOND);
    }
}

async fn a_wait_that_is_announced_after_a_clock_was_set_back_ends_without_an_attempt(world: &World) {
    let (spaced, full) = (an_account(), an_account());
    for _ in 0..2 {
        world.limits.reserve(&spaced, GROWING, attempt(), world.now()).await.unwrap();
    }
    use_up(world, &full).await;
    let wait = async |key, limit| world.limits.retry_after(key, limit, world.now()).await.unwrap();
    world.clock.advance(-365 * Duration::DAY);
    assert_eq!(wait(&spaced, GROWING).await, Some(StdDuration::from_secs(3)));
    assert_eq!(wait(&full, LIMIT).await, Some(LIMIT.window));
    world.clock.advance(Duration::SECOND);
    assert_eq!(wait(&spaced, GROWING).await, Some(StdDuration::from_secs(2)));
    assert_eq!(wait(&full, LIMIT).await, Some(StdDuration::from_secs(15 * 60 - 1)));
    world.clock.advance(2 * Duration::SECOND);
    assert_eq!(wait(&spaced, GROWING).await, None);
    world.clock.advance(Duration::try_from(LIMIT.window).unwrap());
    assert_eq!(wait(&full, LIMIT).await, None);
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
    let id = attempt();
    assert_eq!(reserve_as(world, &key, id).await, GRANTED);
    for _ in 1..ATTEMPTS {
        assert_eq!(reserve(world, &key).await, GRANTED);
    }
    world.clock.advance(Duration::MINUTE);
    give_back(world, &key, id).await;
    assert_eq!(reserve(world, &key).await, GRANTED);
    // The window is still the same.
    assert_eq!(retry_after(world, &key).await, StdDuration::from_mins(14));
}

async fn nothing_is_given_back_that_was_not_counted(world: &World) {
    let key = an_account();
    give_back(world, &key, attempt()).await;
    world.clock.advance(Duration::MINUTE);
    // This did not start a new window, and no window exceeds the limit.
    use_up(world, &key).await;
    assert_eq!(retry_after(world, &key).await, LIMIT.window);
    for _ in 0..8 {
        give_back(world, &key, attempt()).await;
    }
    retry_after(world, &key).await;
}

async fn n17_a5_an_attempt_is_counted_once_and_given_back_once_however_often_that_is_asked(world: &World) {
    let key = an_account();
    let [sent_twice, other] = [attempt(), attempt()];
    for id in [sent_twice, sent_twice, other, sent_twice] {
        assert_eq!(reserve_as(world, &key, id).await, GRANTED);
    }
    for _ in 0..3 {
        give_back(world, &key, sent_twice).await;
    }
    // One is counted now.
    for _ in 1..ATTEMPTS {
        assert_eq!(reserve(world, &key).await, GRANTED);
    }
    retry_after(world, &key).await;
}

async fn nothing_is_given_back_to_a_window_that_is_over(world: &World) {
    let key = an_account();
    let id = attempt();
    assert_eq!(reserve_as(world, &key, id).await, GRANTED);
    world.clock.advance(15 * Duration::MINUTE);
    give_back(world, &key, id).await;
    use_up(world, &key).await;
    give_back(world, &key, id).await;
    retry_after(world, &key).await;
}

async fn n5_a4_a_retry_after_the_wait_that_a_refusal_names_is_granted(world: &World) {
    let key = an_account();
    let reserve = async || world.limits.reserve(&key, GROWING, attempt(), world.now()).await.unwrap();
    let mut refusals = 0;
    for _ in 0..20 {
        if let Reservation::Refused { retry_after } = reserve().await {
            refusals += 1;
            world.clock.advance(Duration::try_from(retry_after).unwrap() - Duration::MILLISECOND);
            // Not much too long either: a delay of up to a second is granted.
            world.clock.advance(Duration::MILLISECOND);
            assert_eq!(reserve().await, GRANTED);
        }
    }
    assert!(refusals > 5, "{refusals}");
}

async fn l2_the_delay_between_attempts_grows_with_their_number(world: &World) {
    let key = an_account();
    let reserve = async || world.limits.reserve(&key, GROWING, attempt(), world.now()).await.unwrap();
    let millis = StdDuration::from_millis;
    let refused = |after| Reservation::Refused { retry_after: millis(after) };
    assert_eq!(reserve().await, GRANTED);
    world.clock.advance(Duration::milliseconds(400));
    assert_eq!(reserve().await, Reservation::Granted { wait: millis(600) }, "soon enough to be waited for");
    // It is due at one second, and the next one three seconds later.
    assert_eq!(reserve().await, refused(3600));
    world.clock.advance(Duration::milliseconds(3600));
    assert_eq!(reserve().await, GRANTED);
    assert_eq!(reserve().await, refused(3000));
    world.clock.advance(Duration::milliseconds(3000));
    assert_eq!(reserve().await, GRANTED);
    // A delay ends with the window.
    assert_eq!(reserve().await, refused(15 * 60_000 - 7000));
    world.clock.advance(15 * Duration::MINUTE - Duration::seconds(7));
    assert_eq!(reserve().await, GRANTED);
}

async fn l2_of_two_hundred_attempts_at_once_one_is_made_and_one_waits_for_its_turn(world: &World) {
    let (key, now) = (an_account(), world.now());
    let mut attempts = JoinSet::new();
    for _ in 0..200 {
        let (limits, key) = (world.limits.clone(), key.clone());
        attempts.spawn(async move { limits.reserve(&key, GROWING, attempt(), now).await.unwrap() });
    }
    let outcomes = attempts.join_all().await;
    let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    assert_eq!(count(GRANTED), 1);
    assert_eq!(count(Reservation::Granted { wait: StdDuration::from_secs(1) }), 1);
    assert_eq!(count(Reservation::Refused { retry_after: StdDuration::from_secs(4) }), 198, "{outcomes:?}");
}

async fn an_attempt_that_is_given_back_delays_no_later_attempt(world: &World) {
    let key = an_account();
    let reserve = async |id| world.limits.reserve(&key, GROWING, id, world.now()).await.unwrap();
    let give_back = async |id| world.limits.give_back(&key, GROWING, id, world.now()).await.unwrap();
    for _ in 0..10 {
        let id = attempt();
        assert_eq!(reserve(id).await, GRANTED);
        give_back(id).await;
    }
    for pause in [0, 1, 3] {
        world.clock.advance(Duration::seconds(pause));
        assert_eq!(reserve(attempt()).await, GRANTED);
    }
    // With many attempts too: the next one waits for the one before, which stays counted.
    world.clock.advance(Duration::seconds(2));
    assert_eq!(reserve(attempt()).await, Reservation::Granted { wait: StdDuration::from_secs(1) });
}

async fn n17_a5_an_attempt_that_is_given_back_leaves_the_delay_of_the_one_before(world: &World) {
    let key = an_account();
    let reserve = async |id| world.limits.reserve(&key, GROWING, id, world.now()).await.unwrap();
    for pause in [0, 1, 3] {
        world.clock.advance(Duration::seconds(pause));
        assert_eq!(reserve(attempt()).await, GRANTED);
    }
    world.clock.advance(Duration::seconds(3));
    let id = attempt();
    assert_eq!(reserve(id).await, GRANTED);
    world.limits.give_back(&key, GROWING, id, world.now()).await.unwrap();
    // As if it had not been made: the one before was three seconds ago.
    assert_eq!(reserve(attempt()).await, GRANTED);
    assert!(matches!(reserve(attempt()).await, Reservation::Refused { .. }), "and that one counts");
}

async fn every_limit_is_counted_on_its_own(world: &World) {
    let [one, other]: [IpAddr; 2] = [random::<4>(), random::<4>()].map(IpAddr::from);
    use_up(world, &LimitKey::LogInFrom(one)).await;
    let session = world.new_session().key;
    let LimitKey::LogInTo(email) = an_account() else { unreachable!() };
    let [phone, laptop] = [BrowserHash::from_bytes(random()), BrowserHash::from_bytes(random())];
    for key in [
        LimitKey::LogInFrom(other),
        LimitKey::SignUpFrom(one),
        LimitKey::RefreshFrom(one),
        LimitKey::RefreshOf(session),
        LimitKey::RefreshOf(world.new_session().key),
        an_account(),
        LimitKey::LogInTo(email.clone()),
        LimitKey::LogInBy(email.clone(), phone),
        LimitKey::LogInBy(email, laptop),
    ] {
        assert_eq!(reserve(world, &key).await, GRANTED, "{key:?}");
    }
    retry_after(world, &LimitKey::LogInFrom(one)).await;
}

async fn l6_a_dump_of_the_store_contains_no_address_of_a_login_attempt(world: &World) {
    let key = an_account();
    use_up(world, &key).await;
    let LimitKey::LogInTo(email) = &key else { unreachable!() };
    let dump = world.dump().await;
    let holds = |needle: &str| dump.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(holds("log_in_to"), "the dump is not of this store");
    assert!(!holds(email.local_part()));
}

/// Returns an account without attempts.
fn an_account() -> LimitKey {
    LimitKey::LogInTo(EmailAddress::parse(&format!("{:016x}@x.test", u64::from_be_bytes(random()))).unwrap())
}

async fn reserve(world: &World, key: &LimitKey) -> Reservation {
    world.limits.reserve(key, LIMIT, attempt(), world.now()).await.unwrap()
}

async fn reserve_as(world: &World, key: &LimitKey, id: AttemptId) -> Reservation {
    world.limits.reserve(key, LIMIT, id, world.now()).await.unwrap()
}

async fn give_back(world: &World, key: &LimitKey, id: AttemptId) {
    world.limits.give_back(key, LIMIT, id, world.now()).await.unwrap();
}

/// Makes all attempts of a window, each of which must be granted.
async fn use_up(world: &World, key: &LimitKey) {
    for _ in 0..ATTEMPTS {
        assert_eq!(reserve(world, key).await, GRANTED);
    }
}

/// Makes one attempt, which must be refused.
async fn retry_after(world: &World, key: &LimitKey) -> StdDuration {
    match reserve(world, key).await {
        Reservation::Refused { retry_after } => retry_after,
        Reservation::Granted { .. } => panic!("granted"),
    }
}
