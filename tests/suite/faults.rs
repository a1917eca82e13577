//! A store goes away while the application runs: nobody is let in, nobody is thrown out, and nobody waits long.
//!
//! The servers are real; between them and the application stands a connection that the test can cut or hold.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    http::harness::{Answer, Client, Options, PASSWORD, build, client_of},
    line::{Line, State},
    servers::Servers,
    support::FakeClock,
};
use axum::http::StatusCode;
use doorstep::{
    accounts::ports::Clock,
    adapters::{mongo::MongoStore, redis::RedisStore},
    composition::Stores,
};

/// What a customer may have to wait at most.
const BOUND: Duration = Duration::from_secs(3);

struct World {
    mongodb: Line,
    redis: Line,
    client: Client,
}

async fn world() -> World {
    let servers = Servers::new();
    let mongodb = Line::to(&servers.mongodb).await;
    let redis = Line::to(&servers.redis).await;
    let uri = format!("mongodb://127.0.0.1:{}/{}?directConnection=true", mongodb.port, servers.database);
    let clock = Arc::new(FakeClock::new());
    let stores = Stores::servers(
        MongoStore::connect(&uri).await.unwrap(),
        RedisStore::connect(&format!("redis://127.0.0.1:{}/0", redis.port), clock.clone() as Arc<dyn Clock>)
            .await
            .unwrap(),
    );
    let mut client = client_of(build(&Options { rate_limits: true, ..Options::default() }, stores, clock).await);
    client.address = servers.address;
    client.sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    World { mongodb, redis, client }
}

async fn in_time<F: Future<Output = Answer>>(answer: F) -> Answer {
    let started = Instant::now();
    let answer = answer.await;
    assert!(started.elapsed() < BOUND, "{:?} for {answer:?}", started.elapsed());
    answer
}

/// What every customer gets who needs a store that is not there.
async fn unavailable<F: Future<Output = Answer>>(answer: F) {
    let answer = in_time(answer).await.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1, "{answer:?}");
    assert!(answer.set_cookies().is_empty(), "cookies are kept: {answer:?}");
}

/// Asks until the store is back; the application has to find out by itself.
async fn recovers(client: &mut Client) {
    let started = Instant::now();
    loop {
        let answer = client.profile().await;
        if answer.status == StatusCode::OK {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "it does not recover: {answer:?}");
    }
    client.clone().log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
}

async fn without_redis(state: State) {
    let World { redis, mut client, .. } = world().await;
    redis.set(state);
    unavailable(client.profile()).await;
    unavailable(client.refresh()).await;
    unavailable(client.get_page("/account")).await;
    unavailable(client.clone().log_in("ada@x.test", PASSWORD)).await;
    unavailable(client.clone().log_in("ada@x.test", "wrong password")).await;
    unavailable(client.clone().sign_up("eve@x.test")).await;
    unavailable(client.log_out()).await;
    in_time(client.get_page("/")).await.expect(StatusCode::OK);
    in_time(client.get_page("/login")).await.expect(StatusCode::OK);
    let ready = in_time(client.get("/readyz")).await.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.body.contains("redis") && !ready.body.contains("mongodb"), "{ready:?}");
    in_time(client.get("/healthz")).await.expect(StatusCode::OK);
    redis.set(State::Up);
    recovers(&mut client).await;
    client.clone().sign_up("eve@x.test").await.expect(StatusCode::CREATED);
}

async fn without_mongodb(state: State) {
    let World { mongodb, mut client, .. } = world().await;
    mongodb.set(state);
    unavailable(client.profile()).await;
    unavailable(client.refresh()).await;
    unavailable(client.get_page("/account")).await;
    unavailable(client.clone().log_in("ada@x.test", PASSWORD)).await;
    unavailable(client.clone().log_in("ada@x.test", "wrong password")).await;
    unavailable(client.clone().sign_up("eve@x.test")).await;
    in_time(client.get_page("/")).await.expect(StatusCode::OK);
    let ready = in_time(client.get("/readyz")).await.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.body.contains("mongodb") && !ready.body.contains("redis"), "{ready:?}");
    mongodb.set(State::Up);
    recovers(&mut client).await;
}

#[tokio::test]
async fn redis_gone_is_503_in_time_and_recovers() {
    without_redis(State::Down).await;
}

#[tokio::test]
async fn redis_hanging_is_503_in_time_and_recovers() {
    without_redis(State::Mute).await;
}

#[tokio::test]
async fn mongodb_gone_is_503_in_time_and_recovers() {
    without_mongodb(State::Down).await;
}

#[tokio::test]
async fn mongodb_hanging_is_503_in_time_and_recovers() {
    without_mongodb(State::Mute).await;
}
