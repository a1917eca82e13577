//! The contract of session stores.

use std::time::Duration as StdDuration;

use doorstep::{
    accounts::{
        BrowserHash, Network, RefreshTokens, Session, SessionId, SessionKey, TokenHash,
        ports::{CLOCK_SKEW, MOST_SESSIONS, Rotation, RotationOutcome},
    },
    domain::{CredentialEpoch, CustomerId},
};
use time::Duration;
use tokio::task::JoinSet;
use zeroize::Zeroizing;

use super::harness::{self, EPOCH, IDLE, World, random, token};

const GRACE: StdDuration = StdDuration::from_secs(10);

store_contract![
    a_session_is_found_as_it_was_created,
    a_session_is_found_by_its_whole_key_only,
    an_ended_session_is_over_and_ending_it_again_is_no_error,
    a_session_that_never_was_is_over,
    t6_a_token_is_used_once_and_its_successor_follows,
    t6_fifty_uses_of_one_token_at_once_get_one_successor,
    t6_a_repeat_within_the_grace_gets_the_same_successor_which_stays_valid,
    t6_a_clock_that_lags_behind_does_not_end_a_session,
    t5_a_repeat_after_the_grace_ends_the_session,
    t5_a_clock_that_goes_back_an_hour_gives_no_more_grace,
    t5_a_token_two_generations_old_ends_the_session_at_once,
    t5_a_token_that_was_never_given_ends_the_session,
    t7_a_session_that_is_not_used_is_over_at_its_idle_limit,
    t7_use_prolongs_a_session_but_never_past_its_absolute_limit,
    t7_rotation_moves_nothing_but_the_idle_limit,
    t7_a_repeat_within_the_grace_is_too_late_after_the_limit,
    t7_a_session_refused_as_expired_stays_expired_when_the_clock_goes_back,
    n2_a2_a_session_started_after_a_credential_event_does_not_end_with_it,
    n2_a2_a_refresh_ends_a_session_of_an_earlier_epoch,
    n2_a2_a_session_that_is_kept_goes_on_in_the_new_epoch_and_never_in_an_earlier_one,
    n6_a_flood_of_logins_ends_no_session_that_is_in_use,
    n6_at_the_cap_the_newest_session_stays_once_it_is_used,
    n6_at_the_cap_of_used_sessions_the_one_used_longest_ago_ends,
    n6_a_flood_of_logins_ends_its_own_sessions_and_none_that_was_used_once,
    n7_a_lost_answer_is_repeated_to_the_sessions_own_browser_in_its_network,
    t10_ending_one_session_leaves_the_others,
    t10_a_customers_own_sessions_are_listed_the_last_seen_first,
    t10_an_expired_session_is_not_listed,
    t9_ending_the_other_sessions_keeps_one_and_those_of_other_customers,
    a_last_seen_time_never_goes_back_and_revives_no_session,
    the_session_that_was_seen_the_longest_ago_makes_room_for_a_new_one,
    t12_no_token_is_in_a_dump_of_the_store,
    no_answer_reaches_another_when_requests_are_cancelled,
];

async fn a_session_is_found_as_it_was_created(world: &World) {
    let mut session = world.new_session();
    session.authenticated_at -= Duration::MINUTE;
    session.created_at -= Duration::HOUR;
    world.sessions.create(&session).await.unwrap();
    assert!(is_live(world, session.key).await);
    assert_eq!(find(world, session.key).await, Some(session));
}

async fn a_session_is_found_by_its_whole_key_only(world: &World) {
    let session = create(world).await;
    let other = SessionKey { customer: CustomerId::from_bytes(random()), ..session.key };
    assert!(!is_live(world, other).await);
    assert_eq!(find(world, other).await, None);
    assert_eq!(rotate(world, other, token(0), token(1)).await, RotationOutcome::Gone);
    assert!(is_live(world, session.key).await);
}

async fn an_ended_session_is_over_and_ending_it_again_is_no_error(world: &World) {
    let session = create(world).await;
    world.sessions.end(session.key).await.unwrap();
    assert_over(world, session.key).await;
    world.sessions.end(session.key).await.unwrap();
}

async fn a_session_that_never_was_is_over(world: &World) {
    let never = world.new_session().key;
    assert_over(world, never).await;
    world.sessions.end(never).await.unwrap();
}

async fn t6_a_token_is_used_once_and_its_successor_follows(world: &World) {
    let session = create(world).await;
    for generation in 0..5 {
        world.clock.advance(Duration::MINUTE);
        let outcome = rotate(world, session.key, token(generation), token(generation + 1)).await;
        assert_eq!(outcome, RotationOutcome::Rotated { expires_at: world.now() + IDLE });
        assert_eq!(find(world, session.key).await.unwrap().token, token(generation + 1));
    }
}

async fn t6_fifty_uses_of_one_token_at_once_get_one_successor(world: &World) {
    let session = create(world).await;
    let mut uses = JoinSet::new();
    for late in 0..50 {
        let mut rotation = rotation(world, session.key, token(0), token(1));
        rotation.now += Duration::milliseconds(late);
        let sessions = world.sessions.clone();
        uses.spawn(async move { (rotation.now, sessions.rotate(&rotation).await.unwrap()) });
    }
    let outcomes = uses.join_all().await;
    let rotated: Vec<_> =
        outcomes.iter().filter(|(_, outcome)| matches!(outcome, RotationOutcome::Rotated { .. })).collect();
    assert_eq!(rotated.len(), 1, "{outcomes:?}");
    let expires_at = rotated[0].0 + IDLE;
    assert_eq!(rotated[0].1, RotationOutcome::Rotated { expires_at });
    let repeated = outcomes.iter().filter(|(_, outcome)| *outcome == RotationOutcome::Repeated { expires_at }).count();
    assert_eq!(repeated, 49, "{outcomes:?}");
    assert_eq!(find(world, session.key).await.unwrap().token, token(1));
}

async fn t6_a_repeat_within_the_grace_gets_the_same_successor_which_stays_valid(world: &World) {
    let session = create(world).await;
    rotate(world, session.key, token(0), token(1)).await;
    let expires_at = world.now() + IDLE;
    world.clock.advance(GRACE.try_into().unwrap());
    let repeated = rotate(world, session.key, token(0), token(1)).await;
    assert_eq!(repeated, RotationOutcome::Repeated { expires_at });
    let rotated = rotate(world, session.key, token(1), token(2)).await;
    assert_eq!(rotated, RotationOutcome::Rotated { expires_at: world.now() + IDLE });
}

async fn t6_a_clock_that_lags_behind_does_not_end_a_session(world: &World) {
    let session = create(world).await;
    world.clock.advance(Duration::MINUTE);
    let RotationOutcome::Rotated { expires_at } = rotate(world, session.key, token(0), token(1)).await else {
        panic!()
    };
    world.clock.advance(-Duration::SECOND);
    let repeated = rotate(world, session.key, token(0), token(1)).await;
    assert_eq!(repeated, RotationOutcome::Repeated { expires_at });
}

async fn t5_a_repeat_after_the_grace_ends_the_session(world: &World) {
    let session = create(world).await;
    rotate(world, session.key, token(0), token(1)).await;
    assert!(is_live(world, session.key).await);
    // Plus the tolerated clock skew.
    world.clock.advance(Duration::try_from(GRACE + CLOCK_SKEW).unwrap() + Duration::MILLISECOND);
    assert_eq!(rotate(world, session.key, token(0), token(1)).await, RotationOutcome::Reused);
    assert_over(world, session.key).await;
    assert_eq!(rotate(world, session.key, token(1), token(2)).await, RotationOutcome::Gone);
}

async fn t5_a_clock_that_goes_back_an_hour_gives_no_more_grace(world: &World) {
    let session = create(world).await;
    world.clock.advance(Duration::HOUR / 2);
    rotate(world, session.key, token(0), token(1)).await;
    world.clock.advance(-Duration::HOUR);
    assert_eq!(rotate(world, session.key, token(0), token(1)).await, RotationOutcome::Reused);
    assert_over(world, session.key).await;
}

async fn t5_a_token_two_generations_old_ends_the_session_at_once(world: &World) {
    let session = create(world).await;
    rotate(world, session.key, token(0), token(1)).await;
    rotate(world, session.key, token(1), token(2)).await;
    assert_eq!(rotate(world, session.key, token(0), token(1)).await, RotationOutcome::Reused);
    assert_over(world, session.key).await;
}

async fn t5_a_token_that_was_never_given_ends_the_session(world: &World) {
    let session = create(world).await;
    assert_eq!(rotate(world, session.key, token(7), token(8)).await, RotationOutcome::Reused);
    assert_over(world, session.key).await;
}

async fn t7_a_session_that_is_not_used_is_over_at_its_idle_limit(world: &World) {
    let session = create(world).await;
    world.clock.advance(Duration::try_from(IDLE).unwrap() - Duration::MILLISECOND);
    assert!(is_live(world, session.key).await);
    assert!(find(world, session.key).await.is_some());
    world.clock.advance(Duration::MILLISECOND);
    assert_over(world, session.key).await;
}

async fn t7_use_prolongs_a_session_but_never_past_its_absolute_limit(world: &World) {
    let session = create(world).await;
    world.clock.advance(50 * Duration::MINUTE);
    let rotated = rotate(world, session.key, token(0), token(1)).await;
    assert_eq!(rotated, RotationOutcome::Rotated { expires_at: world.now() + IDLE });
    world.clock.advance(50 * Duration::MINUTE);
    let rotated = rotate(world, session.key, token(1), token(2)).await;
    assert_eq!(rotated, RotationOutcome::Rotated { expires_at: session.ends_at });
    // Not at the very end: Redis would measure the rest by its own clock, which keeps running.
    world.clock.advance(19 * Duration::MINUTE);
    let rotated = rotate(world, session.key, token(2), token(3)).await;
    assert_eq!(rotated, RotationOutcome::Rotated { expires_at: session.ends_at });
    world.clock.advance(Duration::MINUTE - Duration::MILLISECOND);
    assert!(is_live(world, session.key).await);
    world.clock.advance(Duration::MILLISECOND);
    assert_over(world, session.key).await;
}

async fn t7_rotation_moves_nothing_but_the_idle_limit(world: &World) {
    let session = create(world).await;
    world.clock.advance(Duration::MINUTE);
    rotate(world, session.key, token(0), token(1)).await;
    let now = world.now();
    let expected = Session { token: token(1), last_used_at: now, last_seen_at: now, expires_at: now + IDLE, ..session };
    assert_eq!(find(world, expected.key).await, Some(expected));
}

async fn t7_a_repeat_within_the_grace_is_too_late_after_the_limit(world: &World) {
    let session = create(world).await;
    let short = Rotation { idle: GRACE / 2, ..rotation(world, session.key, token(0), token(1)) };
    world.sessions.rotate(&short).await.unwrap();
    world.clock.advance(Duration::try_from(GRACE / 2).unwrap());
    assert_eq!(rotate(world, session.key, token(0), token(1)).await, RotationOutcome::Gone);
}

async fn t7_a_session_refused_as_expired_stays_expired_when_the_clock_goes_back(world: &World) {
    let session = create(world).await;
    assert!(is_live(world, session.key).await);
    world.clock.advance(Duration::try_from(IDLE).unwrap());
    assert_eq!(rotate(world, session.key, token(0), token(1)).await, RotationOutcome::Gone);
    world.clock.advance(-Duration::HOUR);
    assert_over(world, session.key).await;
    assert_eq!(rotate(world, session.key, token(0), token(1)).await, RotationOutcome::Gone);
}

async fn t10_ending_one_session_leaves_the_others(world: &World) {
    let (phone, stranger) = (create(world).await, create(world).await);
    let laptop =
        Session { key: SessionKey { customer: phone.key.customer, ..world.new_session().key }, ..world.new_session() };
    world.sessions.create(&laptop).await.unwrap();
    world.sessions.end(phone.key).await.unwrap();
    assert!(is_live(world, laptop.key).await);
    assert!(is_live(world, stranger.key).await);
}

/// Creates another session of the same customer, which starts now.
async fn create_another(world: &World, first: &Session) -> Session {
    let key = SessionKey { customer: first.key.customer, ..world.new_session().key };
    let session = Session { key, ..world.new_session() };
    world.sessions.create(&session).await.unwrap();
    assert!(is_live(world, key).await);
    session
}

async fn list(world: &World, of: &Session) -> Vec<Session> {
    world.sessions.list(of.key.customer, world.now()).await.unwrap()
}

async fn t10_a_customers_own_sessions_are_listed_the_last_seen_first(world: &World) {
    let phone = create(world).await;
    let _stranger = create(world).await;
    world.clock.advance(Duration::MINUTE);
    let laptop = create_another(world, &phone).await;
    assert_eq!(list(world, &phone).await, [laptop.clone(), phone.clone()]);

    world.clock.advance(Duration::MINUTE);
    world.sessions.touch(phone.key, world.now()).await.unwrap();
    let seen = Session { last_seen_at: world.now(), ..phone.clone() };
    assert_eq!(list(world, &phone).await, [seen.clone(), laptop.clone()]);
    assert_eq!(find(world, phone.key).await, Some(seen));

    world.clock.advance(Duration::MINUTE);
    rotate(world, laptop.key, token(0), token(1)).await;
    let listed = list(world, &phone).await;
    assert_eq!((listed[0].key, listed[0].last_seen_at), (laptop.key, world.now()));

    assert!(world.sessions.end(phone.key).await.unwrap());
    assert!(!world.sessions.end(phone.key).await.unwrap());
    assert_eq!(list(world, &phone).await.len(), 1);
    rotate(world, laptop.key, token(7), token(8)).await;
    assert_eq!(list(world, &phone).await, []);
}

async fn t10_an_expired_session_is_not_listed(world: &World) {
    let phone = create(world).await;
    world.clock.advance(Duration::try_from(IDLE).unwrap());
    let laptop = create_another(world, &phone).await;
    assert_eq!(list(world, &phone).await, [laptop]);
}

async fn t9_ending_the_other_sessions_keeps_one_and_those_of_other_customers(world: &World) {
    let (phone, stranger) = (create(world).await, create(world).await);
    let (laptop, tablet) = (create_another(world, &phone).await, create_another(world, &phone).await);
    let mut ended = end_others(world, phone.key.customer, laptop.key.id, EPOCH.next()).await;
    ended.sort_by_key(|id| id.to_bytes());
    let mut expected = [phone.key.id, tablet.key.id];
    expected.sort_by_key(|id| id.to_bytes());
    assert_eq!(ended, expected);
    assert_over(world, phone.key).await;
    assert_over(world, tablet.key).await;
    assert!(is_live(world, stranger.key).await);
    assert_eq!(end_others(world, phone.key.customer, laptop.key.id, EPOCH.next()).await, []);
    assert_eq!(list(world, &phone).await, [laptop]);
}

async fn end_others(world: &World, customer: CustomerId, kept: SessionId, before: CredentialEpoch) -> Vec<SessionId> {
    world.sessions.end_others(customer, kept, before).await.unwrap()
}

/// Creates a session of the same customer in this epoch, which starts now.
async fn create_in(world: &World, epoch: CredentialEpoch, first: &Session) -> Session {
    let key = SessionKey { customer: first.key.customer, ..world.new_session().key };
    let session = Session { key, epoch, ..world.new_session() };
    world.sessions.create(&session).await.unwrap();
    session
}

async fn n2_a2_a_session_started_after_a_credential_event_does_not_end_with_it(world: &World) {
    let before = create(world).await;
    let after = create_in(world, EPOCH.next(), &before).await;
    assert_eq!(end_others(world, before.key.customer, before.key.id, EPOCH).await, []);
    let none = world.new_session().key.id;
    assert_eq!(end_others(world, before.key.customer, none, EPOCH.next()).await, [before.key.id]);
    assert_over(world, before.key).await;
    assert!(is_live(world, after.key).await);
}

async fn n2_a2_a_refresh_ends_a_session_of_an_earlier_epoch(world: &World) {
    let session = create(world).await;
    let mut rotation = rotation(world, session.key, token(0), token(1));
    // A role that was cached a moment ago may be older than the session.
    rotation.epoch = CredentialEpoch::new(EPOCH.number() - 1);
    assert!(matches!(world.sessions.rotate(&rotation).await.unwrap(), RotationOutcome::Rotated { .. }));
    (rotation.presented, rotation.successor, rotation.epoch) = (token(1), token(2), EPOCH.next());
    assert_eq!(world.sessions.rotate(&rotation).await.unwrap(), RotationOutcome::Gone);
    assert_over(world, session.key).await;
}

async fn n2_a2_a_session_that_is_kept_goes_on_in_the_new_epoch_and_never_in_an_earlier_one(world: &World) {
    let session = create(world).await;
    let [browser, late] = [random(), random()].map(BrowserHash::from_bytes);
    for (epoch, browser) in [(EPOCH.next().next(), browser), (EPOCH.next(), late)] {
        world.sessions.carry_over(session.key, epoch, browser).await.unwrap();
    }
    let kept = find(world, session.key).await.unwrap();
    assert_eq!((kept.epoch, kept.browser), (EPOCH.next().next(), Some(browser)));
    let nobody = world.new_session().key;
    world.sessions.carry_over(nobody, EPOCH, browser).await.unwrap();
    assert_over(world, nobody).await;
}

async fn n6_a_flood_of_logins_ends_no_session_that_is_in_use(world: &World) {
    let used = create(world).await;
    world.clock.advance(Duration::HOUR / 2);
    world.sessions.touch(used.key, world.now()).await.unwrap();
    let stale = create_another(world, &used).await;
    world.clock.advance(Duration::seconds(70));
    world.sessions.touch(used.key, world.now()).await.unwrap();
    // The next use would be recorded a minute later.
    world.clock.advance(Duration::seconds(59));
    let mut flood = Vec::new();
    for _ in 0..2 * MOST_SESSIONS {
        world.clock.advance(Duration::milliseconds(20));
        flood.push(create_another(world, &used).await);
    }
    assert!(is_live(world, used.key).await);
    assert_over(world, stale.key).await;
    assert!(is_live(world, flood.last().unwrap().key).await, "the new one is never the one that ends");
    assert_eq!(list(world, &used).await.len(), MOST_SESSIONS);
}

/// Creates the maximum number of sessions of one customer, the oldest first, a millisecond apart.
async fn create_most(world: &World) -> Vec<Session> {
    let mut sessions = vec![create(world).await];
    for _ in 1..MOST_SESSIONS {
        world.clock.advance(Duration::MILLISECOND);
        let another = create_another(world, &sessions[0]).await;
        sessions.push(another);
    }
    sessions
}

async fn n6_at_the_cap_the_newest_session_stays_once_it_is_used(world: &World) {
    let sessions = create_most(world).await;
    let newest = sessions.last().unwrap();
    // In the millisecond of its creation.
    world.sessions.touch(newest.key, world.now()).await.unwrap();
    world.clock.advance(Duration::SECOND);
    let new = create_another(world, newest).await;
    assert!(is_live(world, newest.key).await);
    assert_over(world, sessions[0].key).await;
    for kept in sessions[1..].iter().chain([&new]) {
        assert!(is_live(world, kept.key).await);
    }
}

async fn n6_at_the_cap_of_used_sessions_the_one_used_longest_ago_ends(world: &World) {
    let sessions = create_most(world).await;
    // By a request or a refresh, the newest session first.
    for (number, session) in sessions.iter().enumerate().rev() {
        world.clock.advance(Duration::MILLISECOND);
        if number % 2 == 0 {
            world.sessions.touch(session.key, world.now()).await.unwrap();
        } else {
            rotate(world, session.key, token(0), token(1)).await;
        }
    }
    world.clock.advance(Duration::SECOND);
    for used_longest_ago in sessions.iter().rev().take(3) {
        let new = create_another(world, used_longest_ago).await;
        assert_over(world, used_longest_ago.key).await;
        world.sessions.touch(new.key, world.now()).await.unwrap();
    }
    assert_eq!(list(world, &sessions[0]).await.len(), MOST_SESSIONS);
}

async fn n6_a_flood_of_logins_ends_its_own_sessions_and_none_that_was_used_once(world: &World) {
    // By a request, a refresh, and both on an instance whose clock is behind.
    let used = create(world).await;
    let [refreshed, late, refreshed_late] =
        [create_another(world, &used).await, create_another(world, &used).await, create_another(world, &used).await];
    world.sessions.touch(used.key, world.now()).await.unwrap();
    rotate(world, refreshed.key, token(0), token(1)).await;
    world.clock.advance(-Duration::SECOND);
    world.sessions.touch(late.key, world.now()).await.unwrap();
    rotate(world, refreshed_late.key, token(0), token(1)).await;
    world.clock.advance(Duration::SECOND);
    let mut flood = Vec::new();
    for _ in 0..2 * MOST_SESSIONS {
        world.clock.advance(Duration::SECOND);
        flood.push(create_another(world, &used).await);
    }
    for session in [&used, &refreshed, &late, &refreshed_late] {
        assert!(is_live(world, session.key).await);
    }
    let (ended, kept) = flood.split_at(MOST_SESSIONS + 4);
    for session in ended {
        assert_over(world, session.key).await;
    }
    for session in kept {
        assert!(is_live(world, session.key).await);
    }
}

type Alter = fn(&mut Rotation);

async fn n7_a_lost_answer_is_repeated_to_the_sessions_own_browser_in_its_network(world: &World) {
    let own = |world: &World, session: &Session| Rotation {
        browser: session.browser,
        ..rotation(world, session.key, token(0), token(1))
    };
    let session = create(world).await;
    let RotationOutcome::Rotated { expires_at } = world.sessions.rotate(&own(world, &session)).await.unwrap() else {
        panic!()
    };
    world.clock.advance(Duration::HOUR / 2);
    for _ in 0..2 {
        let repeated = world.sessions.rotate(&own(world, &session)).await.unwrap();
        assert_eq!(repeated, RotationOutcome::Repeated { expires_at });
    }
    // The successor was used, so the parent token must be a copy.
    rotate(world, session.key, token(1), token(2)).await;
    assert_eq!(world.sessions.rotate(&own(world, &session)).await.unwrap(), RotationOutcome::Reused);

    let elsewhere: [Alter; 3] = [
        |rotation| rotation.browser = None,
        |rotation| rotation.browser = Some(BrowserHash::from_bytes([9; 32])),
        |rotation| rotation.network = Network::of([198, 51, 100, 1].into()),
    ];
    for alter in elsewhere {
        let session = create(world).await;
        world.sessions.rotate(&own(world, &session)).await.unwrap();
        world.clock.advance(Duration::MINUTE);
        let mut rotation = own(world, &session);
        alter(&mut rotation);
        assert_eq!(world.sessions.rotate(&rotation).await.unwrap(), RotationOutcome::Reused);
        assert_over(world, session.key).await;
    }
    let nameless = Session { browser: None, ..world.new_session() };
    world.sessions.create(&nameless).await.unwrap();
    world.sessions.rotate(&own(world, &nameless)).await.unwrap();
    world.clock.advance(Duration::MINUTE);
    assert_eq!(world.sessions.rotate(&own(world, &nameless)).await.unwrap(), RotationOutcome::Reused);
}

async fn a_last_seen_time_never_goes_back_and_revives_no_session(world: &World) {
    let phone = create(world).await;
    // On an instance whose clock is behind: it counts as a use, and so as later than the creation.
    world.sessions.touch(phone.key, world.now() - Duration::HOUR).await.unwrap();
    let used = Session { last_seen_at: phone.created_at + Duration::MILLISECOND, ..phone.clone() };
    assert_eq!(find(world, phone.key).await, Some(used));
    world.clock.advance(Duration::MINUTE);
    for earlier in [Duration::ZERO, Duration::SECOND, Duration::HOUR] {
        world.sessions.touch(phone.key, world.now() - earlier).await.unwrap();
        let seen = Session { last_seen_at: world.now(), ..phone.clone() };
        assert_eq!(find(world, phone.key).await, Some(seen));
    }
    world.sessions.end(phone.key).await.unwrap();
    world.sessions.touch(phone.key, world.now()).await.unwrap();
    assert_over(world, phone.key).await;
    assert_eq!(list(world, &phone).await, []);
}

async fn the_session_that_was_seen_the_longest_ago_makes_room_for_a_new_one(world: &World) {
    let first = create(world).await;
    for _ in 1..MOST_SESSIONS {
        world.clock.advance(Duration::SECOND);
        create_another(world, &first).await;
    }
    assert_eq!(list(world, &first).await.len(), MOST_SESSIONS);
    world.clock.advance(Duration::SECOND);
    world.sessions.touch(first.key, world.now()).await.unwrap();
    let second = list(world, &first).await.pop().unwrap();
    create_another(world, &first).await;
    assert_eq!(list(world, &first).await.len(), MOST_SESSIONS);
    assert!(is_live(world, first.key).await);
    assert_over(world, second.key).await;
}

async fn t12_no_token_is_in_a_dump_of_the_store(world: &World) {
    let tokens = RefreshTokens::new(Zeroizing::new(random()));
    let mut session = world.new_session();
    let first = tokens.first(session.key);
    let second = tokens.successor(&first).unwrap();
    session.token = first.hash();
    world.sessions.create(&session).await.unwrap();
    rotate(world, session.key, first.hash(), second.hash()).await;

    let dump = world.dump().await;
    let holds = |needle: &[u8]| dump.windows(needle.len()).any(|window| window == needle);
    assert!(holds(&second.hash().to_bytes()), "the dump is not of this store");
    for token in [first, second] {
        let cookie = token.expose();
        // The bytes of the MAC make a token valid. The rest of it identifies the session.
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &*cookie).unwrap();
        assert!(!holds(cookie.as_bytes()));
        assert!(!holds(&bytes[bytes.len() - 32..]));
    }
}

async fn no_answer_reaches_another_when_requests_are_cancelled(world: &World) {
    let mut sessions = Vec::new();
    for generation in 0..20 {
        let session = Session { token: token(generation), ..world.new_session() };
        world.sessions.create(&session).await.unwrap();
        sessions.push(session);
    }
    let mut requests = JoinSet::new();
    for number in 0..10_000 {
        // In batches, so that the remaining requests are answered in time.
        if requests.len() == 300 {
            requests.join_next().await.unwrap().unwrap();
        }
        let (store, now, session) = (world.sessions.clone(), world.now(), sessions[number % 20].clone());
        requests.spawn(async move {
            let limit = if number % 3 == 0 { 10_000_000 } else { number as u64 % 300 };
            match tokio::time::timeout(StdDuration::from_micros(limit), store.find(session.key, now)).await {
                Ok(found) => assert_eq!(found.unwrap(), Some(session)),
                Err(_cancelled) => assert_ne!(number % 3, 0),
            }
        });
    }
    requests.join_all().await;
}

/// Creates a session, and reads it, so that it is in the cache of stores that have one.
async fn create(world: &World) -> Session {
    let session = world.new_session();
    world.sessions.create(&session).await.unwrap();
    assert!(is_live(world, session.key).await);
    session
}

fn rotation(world: &World, session: SessionKey, presented: TokenHash, successor: TokenHash) -> Rotation {
    harness::rotation(session, presented, successor, world.now())
}

async fn rotate(world: &World, session: SessionKey, presented: TokenHash, successor: TokenHash) -> RotationOutcome {
    world.sessions.rotate(&rotation(world, session, presented, successor)).await.unwrap()
}

async fn find(world: &World, key: SessionKey) -> Option<Session> {
    world.sessions.find(key, world.now()).await.unwrap()
}

async fn is_live(world: &World, key: SessionKey) -> bool {
    world.sessions.is_live(key, world.now()).await.unwrap()
}

async fn assert_over(world: &World, key: SessionKey) {
    assert!(!is_live(world, key).await);
    assert_eq!(find(world, key).await, None);
    assert_eq!(rotate(world, key, token(0), token(1)).await, RotationOutcome::Gone);
}
