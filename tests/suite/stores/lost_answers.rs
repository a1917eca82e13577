//! Lost answers: each operation fails in bounded time, acknowledged changes hold, unclear results are determined, and
//! the store recovers by itself once the server is back.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use doorstep::{
    accounts::Session,
    accounts::ports::{
        AddressError, AttemptLimits, Customers, LimitKey, PasswordChange, PasswordHash, Rotation, RotationOutcome,
        Sessions, StoreError, StoreName,
    },
    adapters::{mongo::MongoStore, redis::RedisStore},
    domain::EmailAddress,
};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};

use super::harness::{IDLE, ONCE, World, attempt, drop_database, rotation, token};
use crate::line::{Line, State};
use crate::{servers::Servers, support::FakeClock};

/// The time limit of any operation.
const BOUND: Duration = Duration::from_millis(2500);

/// The customers in MongoDB, behind a line.
struct Mongo {
    servers: Servers,
    line: Line,
    customers: MongoStore,
}

impl Mongo {
    async fn new(options: &str) -> Self {
        let servers = Servers::new();
        let line = Line::to(&servers.mongodb).await;
        let uri = format!("mongodb://127.0.0.1:{}/{}?directConnection=true{options}", line.port, servers.database);
        let customers = MongoStore::connect(&uri).await.unwrap();
        Self { servers, line, customers }
    }
}

/// Returns the store in Redis, behind a line.
async fn redis() -> (Line, RedisStore) {
    let line = Line::to(&Servers::new().redis).await;
    let url = format!("redis://127.0.0.1:{}/0", line.port);
    let store = RedisStore::connect(&url, Arc::new(FakeClock::new())).await.unwrap();
    (line, store)
}

#[tokio::test]
async fn a_sign_up_whose_answer_was_lost_succeeds_because_the_driver_asks_again() {
    sign_up_with_a_lost_answer("").await;
}

#[tokio::test]
async fn a_sign_up_whose_answer_was_lost_succeeds_because_the_customer_is_found() {
    sign_up_with_a_lost_answer("&retryWrites=false").await;
}

async fn sign_up_with_a_lost_answer(options: &str) {
    let Mongo { servers, line, customers } = Mongo::new(options).await;
    let ada = World::embedded().await.new_customer("ada@x.test");
    line.set(State::LoseAnswerTo(b"\x02insert\0"));
    customers.create(&ada, None, None).await.unwrap();
    assert_eq!(customers.find(ada.customer.id).await.unwrap(), Some(ada.customer));
    drop_database(&servers).await;
}

#[tokio::test]
async fn n19_a_change_of_the_password_whose_answer_was_lost_is_done() {
    for options in ["", "&retryWrites=false"] {
        let Mongo { servers, line, customers } = Mongo::new(options).await;
        let ada = World::embedded().await.new_customer("ada@x.test");
        customers.create(&ada, None, None).await.unwrap();
        line.set(State::LoseAnswerTo(b"\x02findAndModify\0"));
        let new = PasswordHash::new("$2b$12$other".to_owned());
        let (customer, epoch, now) = (ada.customer.id, ada.customer.epoch, ada.customer.created_at);
        let change = PasswordChange { customer, epoch, old: &ada.password, new: &new, now };
        assert!(customers.change_password(&change, None).await.unwrap(), "{options}");
        let changed = customers.find(customer).await.unwrap().unwrap();
        assert_eq!(changed.epoch, epoch.next(), "once");
        // A different change of the same password is too late, and not mistaken for the one that succeeded.
        let other = PasswordHash::new("$2b$12$another".to_owned());
        let late = PasswordChange { new: &other, ..change };
        assert!(!customers.change_password(&late, None).await.unwrap());
        drop_database(&servers).await;
    }
}

#[tokio::test]
async fn a_sign_up_with_an_unclear_result_is_unavailable_and_a_retry_with_the_same_id_succeeds() {
    let Mongo { servers, line, customers } = Mongo::new("").await;
    let ada = World::embedded().await.new_customer("ada@x.test");
    line.set(State::Mute);
    let started = Instant::now();
    let error = customers.create(&ada, None, None).await.unwrap_err();
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    assert!(matches!(error, AddressError::Store(StoreError::Unavailable { .. })), "{error:?}");
    line.set(State::Up);
    until_it_answers(async || customers.ping().await).await;
    customers.create(&ada, None, None).await.unwrap();
    assert_eq!(servers.users().await.count_documents(mongodb::bson::doc! {}).await.unwrap(), 1);
    drop_database(&servers).await;
}

#[tokio::test]
async fn mongodb_gone_or_mute_is_unavailable_in_time_and_comes_back() {
    for state in [State::Down, State::Mute] {
        let Mongo { servers, line, customers } = Mongo::new("").await;
        let ada = World::embedded().await.new_customer("ada@x.test");
        customers.create(&ada, None, None).await.unwrap();
        line.set(state);
        let hash = PasswordHash::new("$2b$12$other".to_owned());
        let now = ada.customer.created_at;
        let bob = World::embedded().await.new_customer("bob@x.test");
        // Twice: once while the driver still considers the server available, and once when it does not.
        for _ in 0..2 {
            tokio::join!(
                unavailable(StoreName::MongoDb, customers.ping()),
                unavailable(StoreName::MongoDb, customers.find(ada.customer.id)),
                unavailable(StoreName::MongoDb, customers.find_credentials(&ada.customer.email)),
                unavailable(StoreName::MongoDb, customers.rehash_password(ada.customer.id, &hash, &hash, now)),
                unavailable(StoreName::MongoDb, async {
                    match customers.create(&bob, None, None).await {
                        Err(AddressError::Store(error)) => Err(error),
                        other => Ok(other),
                    }
                }),
            );
        }
        line.set(State::Up);
        until_it_answers(async || customers.ping().await).await;
        assert_eq!(customers.find(ada.customer.id).await.unwrap(), Some(ada.customer));
        drop_database(&servers).await;
    }
}

#[tokio::test]
async fn redis_gone_or_mute_is_unavailable_in_time_and_comes_back() {
    for state in [State::Down, State::Mute] {
        let (line, store) = redis().await;
        let session = World::embedded().await.new_session();
        let (key, now) = (session.key, session.created_at);
        store.create_session(&session).await.unwrap();
        line.set(state);
        let rotation = Rotation { grace: IDLE, ..rotation(key, token(0), token(1), now) };
        let limit_key = LimitKey::LogInTo(EmailAddress::parse("ada@x.test").unwrap());
        // Twice: once on the connection that breaks, and once on one that cannot be opened.
        for _ in 0..2 {
            tokio::join!(
                unavailable(StoreName::Redis, Sessions::ping(&store)),
                unavailable(StoreName::Redis, store.create_session(&session)),
                unavailable(StoreName::Redis, store.find(key, now)),
                unavailable(StoreName::Redis, store.is_live(key, now)),
                unavailable(StoreName::Redis, store.rotate(&rotation)),
                unavailable(StoreName::Redis, store.end(World::embedded().await.new_session().key)),
                unavailable(StoreName::Redis, store.reserve(&limit_key, ONCE, attempt(), now)),
                unavailable(StoreName::Redis, store.give_back(&limit_key, ONCE, attempt(), now)),
            );
        }
        let mut record = Record { id: Id::default(), data: HashMap::default(), expiry_date: now + IDLE };
        let started = Instant::now();
        store.load(&record.id).await.unwrap_err();
        assert!(started.elapsed() < BOUND);
        SessionStore::create(&store, &mut record).await.unwrap_err();
        line.set(State::Up);
        // It is unknown if one of the uses above succeeded. The session is valid in any case.
        assert!(store.is_live(key, now).await.unwrap(), "the first request after {state:?}");
        store.end(key).await.unwrap();
    }
}

#[tokio::test]
async fn t6_a_use_of_a_token_whose_answer_was_lost_is_repeated_and_gets_the_successor() {
    let (line, store) = redis().await;
    let session = World::embedded().await.new_session();
    let (key, now) = (session.key, session.created_at);
    store.create_session(&session).await.unwrap();
    line.set(State::LoseAnswerTo(b"EVALSHA"));
    let rotation = Rotation { grace: IDLE, ..rotation(key, token(0), token(1), now) };
    let outcome = store.rotate(&rotation).await.unwrap();
    let (rotated, repeated) =
        (RotationOutcome::Rotated { expires_at: now + IDLE }, RotationOutcome::Repeated { expires_at: now + IDLE });
    // If the script was not loaded yet, nothing was changed.
    assert!(outcome == rotated || outcome == repeated, "{outcome:?}");
    assert_eq!(store.find(key, now).await.unwrap().unwrap().token, token(1));
}

/// Retries a harmless query until it is answered.
async fn until_it_answers<E: std::fmt::Debug>(ask: impl AsyncFn() -> Result<(), E>) {
    let started = Instant::now();
    while let Err(error) = ask().await {
        assert!(started.elapsed() < Duration::from_secs(20), "{error:?}");
    }
}

async fn unavailable<T: std::fmt::Debug>(expected: StoreName, operation: impl Future<Output = Result<T, StoreError>>) {
    let started = Instant::now();
    let result = operation.await;
    assert!(started.elapsed() < BOUND, "{:?} for {result:?}", started.elapsed());
    assert!(matches!(result, Err(StoreError::Unavailable { store, .. }) if store == expected), "{result:?}");
}

/// Two traits have a `create`.
trait CreateSession {
    async fn create_session(&self, session: &Session) -> Result<(), StoreError>;
}

impl CreateSession for RedisStore {
    async fn create_session(&self, session: &Session) -> Result<(), StoreError> {
        Sessions::create(self, session).await
    }
}
