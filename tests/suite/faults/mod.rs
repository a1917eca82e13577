//! A store fails while the application runs: it grants no access, signs no one out, and answers in time.
//!
//! All servers are real. `lines` disturbs connections to the servers that all tests share. `redis` and `mongodb` kill
//! and pause servers of their own, `replicas` has several with failover, `program` kills the program itself, and
//! `clock` sets a wrong time.

mod clock;
mod disk;
mod lines;
mod mongodb;
mod program;
mod redis;
mod replicas;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use doorstep::{
    accounts::ports::Clock,
    adapters::{mongo::MongoStore, redis::RedisStore},
    composition::Stores,
};

use crate::{
    http::harness::{Answer, Client, Options, PASSWORD, build, client_of},
    support::{FakeClock, eventually},
};

/// The longest time until a response.
const BOUND: Duration = Duration::from_secs(3);
/// How long the application may take to detect that a store is back.
const RECOVERY: Duration = Duration::from_secs(20);

/// More sign-ups than can finish before a kill takes effect.
const MANY: usize = 1000;

/// Returns a client of an application on these servers, and its clock.
async fn application(mongodb: &str, redis: &str, rate_limits: bool) -> (Client, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::new());
    let redis = RedisStore::connect(redis, clock.clone() as Arc<dyn Clock>).await.unwrap();
    (application_on(mongodb, redis, clock.clone(), rate_limits).await, clock)
}

async fn application_on(mongodb: &str, redis: RedisStore, clock: Arc<FakeClock>, rate_limits: bool) -> Client {
    let stores = Stores::servers(MongoStore::connect(mongodb).await.unwrap(), redis);
    client_of(build(&Options { rate_limits, ..Options::default() }, stores, clock).await)
}

/// Returns another client of the same application, which has just logged in as Ada.
async fn logged_in(client: &Client) -> Client {
    logged_in_as(client, "ada@x.test").await
}

/// The same, for the customer with this address.
async fn logged_in_as(client: &Client, email: &str) -> Client {
    let mut other = client.clone();
    other.cookies.clear();
    other.log_in(email, PASSWORD).await.expect(StatusCode::OK);
    other
}

/// Sends a request from a copy of the client, and checks that the response arrives in time.
async fn in_time(client: &Client, ask: impl AsyncFnOnce(&mut Client) -> Answer) -> Answer {
    let started = Instant::now();
    let answer = ask(&mut client.clone()).await;
    assert!(started.elapsed() < BOUND, "{:?} for {answer:?}", started.elapsed());
    answer
}

/// Checks that a request that needs a missing store returns 503 in time.
async fn unavailable(client: &Client, ask: impl AsyncFnOnce(&mut Client) -> Answer) {
    let answer = in_time(client, ask).await.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1, "{answer:?}");
    assert!(answer.set_cookies().is_empty(), "cookies are kept: {answer:?}");
}

async fn is_there(client: &Client, path: &str) {
    in_time(client, async |client| client.get_page(path).await).await.expect(StatusCode::OK);
}

/// Checks the responses while one of the stores is missing. The first request runs alone: a paused server has accepted
/// it and will process it when it resumes.
async fn is_missed(client: &Client, missing: &str, present: &str) {
    unavailable(client, Client::profile).await;
    let mut visitor = client.clone();
    visitor.cookies.clear();
    tokio::join!(
        unavailable(client, Client::profile),
        unavailable(client, Client::refresh),
        unavailable(client, async |client| client.get_page("/account").await),
        unavailable(client, async |client| client.log_in("ada@x.test", PASSWORD).await),
        unavailable(client, async |client| client.log_in("ada@x.test", "wrong password").await),
        unavailable(client, async |client| {
            let form = [("email", "ada@x.test"), ("password", "wrong password")];
            client.post_form("/api/auth/login", &form).await
        }),
        unavailable(client, async |client| client.sign_up("eve@x.test").await),
        is_there(client, "/"),
        is_there(&visitor, "/login"),
        is_there(&visitor, "/signup"),
        is_there(client, "/healthz"),
        is_not_ready(client, missing, present),
    );
}

async fn is_not_ready(client: &Client, missing: &str, present: &str) {
    let ready = in_time(client, async |client| client.get("/readyz").await).await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE, "{ready:?}");
    assert!(ready.body.contains(missing) && !ready.body.contains(present), "{ready:?}");
}

async fn redis_is_missed(client: &Client) {
    is_missed(client, "redis", "mongodb").await;
    unavailable(client, Client::log_out).await;
}

async fn mongodb_is_missed(client: &Client) {
    is_missed(client, "mongodb", "redis").await;
}

/// Retries until the store is back. The application has to detect that by itself.
async fn recovers(client: &mut Client) {
    eventually(RECOVERY, "it does not recover", async || client.profile().await.status == StatusCode::OK).await;
    logged_in(client).await;
}

/// Checks that a sign-up without a response has created a complete account or none, and can be retried.
async fn is_whole_or_none(client: &Client, email: &str) {
    let mut client = client.clone();
    client.cookies.clear();
    let retried = client.sign_up(email).await;
    assert!([StatusCode::CREATED, StatusCode::CONFLICT].contains(&retried.status), "{retried:?}");
    client.log_in(email, PASSWORD).await.expect(StatusCode::OK);
}
