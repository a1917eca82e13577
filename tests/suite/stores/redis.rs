//! Properties of the store in Redis only.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use doorstep::{
    accounts::{
        Session,
        ports::{AttemptLimits, Clock, Limit, LimitKey, Rotation, RotationOutcome, Sessions, Step, StoreError},
    },
    adapters::redis::RedisStore,
    domain::EmailAddress,
};
use redis::AsyncCommands;
use tokio::time::timeout;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};
use url::Url;

use super::harness::{self, IDLE, World, attempt, random, redis_connection, redis_entries, texts, token};
use crate::{
    line::{Line, State},
    servers::Servers,
    support::FakeClock,
};

async fn connect(url: &str) -> RedisStore {
    RedisStore::connect(url, Arc::new(FakeClock::new())).await.unwrap()
}

fn name_of(session: &Session) -> String {
    format!("doorstep:{{{}}}:s:{}", session.key.customer, session.key.id)
}

fn rotation(session: &Session, generation: u8) -> Rotation {
    harness::rotation(session.key, token(generation), token(generation + 1), session.created_at)
}

#[tokio::test]
async fn every_key_is_doorsteps_own_and_expires() {
    let servers = Servers::new();
    let store = connect(&servers.redis).await;
    let session = World::embedded().await.new_session();
    Sessions::create(&store, &session).await.unwrap();
    store.rotate(&rotation(&session, 0)).await.unwrap();
    let limit = Limit::new(Duration::from_mins(1), [Step { below: 2, delay: Duration::ZERO }]);
    let email = EmailAddress::parse(&format!("{:016x}@x.test", u64::from_be_bytes(random()))).unwrap();
    let email = LimitKey::LogInTo(email);
    for key in [LimitKey::SignUpFrom(random::<4>().into()), LimitKey::LogInFrom(random::<16>().into()), email] {
        let id = attempt();
        store.reserve(&key, limit, attempt(), session.created_at).await.unwrap();
        store.reserve(&key, limit, id, session.created_at).await.unwrap();
        store.give_back(&key, limit, id, session.created_at).await.unwrap();
        // By the program's clock the first window has ended, and a new one starts.
        store.reserve(&key, limit, attempt(), session.created_at + limit.window).await.unwrap();
    }
    let mut record = Record { id: Id::default(), data: HashMap::default(), expiry_date: session.created_at + IDLE };
    SessionStore::create(&store, &mut record).await.unwrap();
    SessionStore::save(&store, &record).await.unwrap();

    let entries = redis_entries(&servers.redis).await;
    for part in [&name_of(&session), "{limit:sign_up_from:", "{limit:log_in_from:", "{limit:log_in_to:", "{form:"] {
        assert!(entries.iter().any(|(key, ..)| key.contains(part)), "{part}");
    }
    for (key, lifetime, _) in entries {
        assert!(key.starts_with("doorstep:{"), "{key}");
        // A key of another test may have expired meanwhile (-2).
        assert_ne!(lifetime, -1, "{key} never expires");
    }
}

#[tokio::test]
async fn t7_redis_itself_ends_a_session_at_its_limit() {
    let servers = Servers::new();
    let store = connect(&servers.redis).await;
    let session = World::embedded().await.new_session();
    Sessions::create(&store, &session).await.unwrap();
    let mut connection = redis_connection(&servers.redis).await;
    let mut lifetime = async || connection.pttl::<_, i64>(name_of(&session)).await.unwrap();
    let idle = i64::try_from(IDLE.as_millis()).unwrap();
    assert!((idle - 60_000..=idle).contains(&lifetime().await));
    // Half an idle lifetime before its absolute end, by the program's clock.
    let late = Rotation { now: session.ends_at - IDLE / 2, ..rotation(&session, 0) };
    let live = Session { expires_at: session.ends_at, ..session.clone() };
    Sessions::create(&store, &live).await.unwrap();
    store.rotate(&late).await.unwrap();
    assert!((idle / 2 - 60_000..=idle / 2).contains(&lifetime().await));
}

#[tokio::test]
async fn a_session_that_redis_lost_is_over() {
    let servers = Servers::new();
    let store = connect(&servers.redis).await;
    let session = World::embedded().await.new_session();
    Sessions::create(&store, &session).await.unwrap();
    let () = redis_connection(&servers.redis).await.del(name_of(&session)).await.unwrap();
    assert!(!store.is_live(session.key, session.created_at).await.unwrap());
    assert!(store.find(session.key, session.created_at).await.unwrap().is_none());
    assert_eq!(store.rotate(&rotation(&session, 0)).await.unwrap(), RotationOutcome::Gone);
}

/// Returns a session, and an instance behind a line that has it in its cache.
async fn known_behind_a_line() -> (RedisStore, Line, RedisStore, Session) {
    let servers = Servers::new();
    let (one, line) = (connect(&servers.redis).await, Line::to(&servers.redis).await);
    let other = connect(&format!("redis://127.0.0.1:{}/0", line.port)).await;
    let session = World::embedded().await.new_session();
    Sessions::create(&one, &session).await.unwrap();
    let started = Instant::now();
    loop {
        assert!(started.elapsed() < Duration::from_secs(20), "it asks each time");
        assert!(other.is_live(session.key, session.created_at).await.unwrap());
        line.set(State::Mute);
        let known = timeout(Duration::from_millis(50), other.is_live(session.key, session.created_at)).await;
        line.set(State::Up);
        if let Ok(live) = known {
            assert!(live.unwrap());
            return (one, line, other, session);
        }
    }
}

/// Retries until the session is refused, for any reason, but no longer than a second.
async fn is_refused_within_a_second(store: &RedisStore, session: &Session) {
    let ended = Instant::now();
    while let Ok(Ok(true)) = timeout(Duration::from_secs(1), store.is_live(session.key, session.created_at)).await {
        assert!(ended.elapsed() < Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn t8_a_session_that_one_instance_ends_is_refused_by_the_other_within_a_second() {
    let (one, _line, other, session) = known_behind_a_line().await;
    one.end(session.key).await.unwrap();
    is_refused_within_a_second(&other, &session).await;
    assert!(!other.is_live(session.key, session.created_at).await.unwrap());
}

#[tokio::test]
async fn t8_a_session_that_ends_while_an_instance_is_cut_off_is_refused_there_too() {
    for state in [State::Mute, State::Down] {
        let (one, line, other, session) = known_behind_a_line().await;
        line.set(state);
        one.end(session.key).await.unwrap();
        is_refused_within_a_second(&other, &session).await;
        line.set(State::Up);
        let started = Instant::now();
        while other.ping().await.is_err() {
            assert!(started.elapsed() < Duration::from_secs(20));
        }
        assert!(!other.is_live(session.key, session.created_at).await.unwrap(), "after {state:?}");
    }
}

#[tokio::test]
async fn t8_an_instance_that_ends_a_session_refuses_it_at_once() {
    let (_one, _line, other, session) = known_behind_a_line().await;
    other.end(session.key).await.unwrap();
    assert!(!other.is_live(session.key, session.created_at).await.unwrap());
}

#[tokio::test]
async fn t7_a_session_that_is_used_lives_on_past_the_limit_that_was_known() {
    let (one, _line, other, session) = known_behind_a_line().await;
    one.rotate(&Rotation { now: session.expires_at - IDLE / 2, ..rotation(&session, 0) }).await.unwrap();
    let used = Instant::now();
    while !other.is_live(session.key, session.expires_at).await.unwrap() {
        assert!(used.elapsed() < Duration::from_secs(1));
    }
}

#[tokio::test]
async fn a_script_that_redis_lost_is_loaded_again() {
    let servers = Servers::new();
    let store = connect(&servers.redis).await;
    let session = World::embedded().await.new_session();
    Sessions::create(&store, &session).await.unwrap();
    store.rotate(&rotation(&session, 0)).await.unwrap();
    let mut connection = redis_connection(&servers.redis).await;
    let () = redis::cmd("SCRIPT").arg("FLUSH").query_async(&mut connection).await.unwrap();
    assert!(matches!(store.rotate(&rotation(&session, 1)).await.unwrap(), RotationOutcome::Rotated { .. }));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_named() {
    let servers = Servers::new();
    let store = connect(&servers.redis).await;
    let mut connection = redis_connection(&servers.redis).await;
    let world = World::embedded().await;
    for (field, wrong) in [("x", "soon"), ("x", "1e400"), ("u", ""), ("e", "x")] {
        let session = world.new_session();
        Sessions::create(&store, &session).await.unwrap();
        let () = connection.hset(name_of(&session), field, wrong).await.unwrap();
        let now = session.created_at;
        let mut errors = vec![store.find(session.key, now).await.unwrap_err()];
        if field == "x" {
            errors.push(store.is_live(session.key, now).await.unwrap_err());
        }
        if wrong != "1e400" {
            errors.push(store.rotate(&rotation(&session, 0)).await.unwrap_err());
        }
        for error in errors {
            let named = matches!(&error, StoreError::Corrupt { record, .. } if *record == name_of(&session));
            assert!(named, "{field} {wrong}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_redis_that_refuses_us_for_a_while_is_used_again_afterwards() {
    let servers = Servers::new();
    let user = format!("doorstep-test-{:016x}", u64::from_be_bytes(random()));
    let mut admin = redis_connection(&servers.redis).await;
    let mut set_user = async |rules: &[&str]| {
        let () = redis::cmd("ACL").arg("SETUSER").arg(&user).arg(rules).query_async(&mut admin).await.unwrap();
    };
    // This user may run all commands, but only on our keys.
    set_user(&["on", ">canary", "~doorstep:*", "+@all"]).await;
    let mut url = Url::parse(&servers.redis).unwrap();
    url.set_username(&user).unwrap();
    url.set_password(Some("canary")).unwrap();
    let store = connect(url.as_str()).await;
    let session = World::embedded().await.new_session();
    Sessions::create(&store, &session).await.unwrap();
    store.rotate(&rotation(&session, 0)).await.unwrap();

    set_user(&["off", "resetpass"]).await;
    let mut killer = redis_connection(&servers.redis).await;
    let () = redis::cmd("CLIENT").arg("KILL").arg("USER").arg(&user).query_async(&mut killer).await.unwrap();
    for _ in 0..3 {
        let error = store.is_live(session.key, session.created_at).await.unwrap_err();
        assert!(!matches!(error, StoreError::Corrupt { .. }), "{error:?}");
        assert!(!texts(&error).contains("canary"), "{error:?}");
    }
    set_user(&["on", ">canary"]).await;
    assert!(store.is_live(session.key, session.created_at).await.unwrap());
    let () = redis::cmd("ACL").arg("DELUSER").arg(&user).query_async(&mut killer).await.unwrap();
}

#[tokio::test]
async fn g2_the_password_in_the_url_is_in_no_error() {
    let clock: Arc<dyn Clock> = Arc::new(FakeClock::new());
    let server = Url::parse(&Servers::new().redis).unwrap();
    let server = format!("{}:{}", server.host_str().unwrap(), server.port().unwrap());
    for url in [
        "redis://ada:canary@127.0.0.1:1/0".to_owned(),
        "redis://ada:canary@127.0.0.1:port/0".to_owned(),
        "redis://ada:canary@127.0.0.1/canary".to_owned(),
        "http://ada:canary@127.0.0.1/0".to_owned(),
        "canary".to_owned(),
        // This user does not exist, and the server has no TLS.
        format!("redis://ada:canary@{server}/0"),
        format!("rediss://ada:canary@{server}/0"),
    ] {
        let error = RedisStore::connect(&url, clock.clone()).await.unwrap_err();
        let texts = texts(&error);
        assert!(!texts.contains("canary"), "{texts}");
    }
}
