//! Redis is killed, hangs, restarts, and returns without data.

use std::{
    sync::Arc,
    time::{Duration as StdDuration, Instant},
};

use axum::http::StatusCode;
use doorstep::{
    accounts::ports::{Clock, Sessions},
    adapters::redis::RedisStore,
};
use futures_util::future::join_all;
use time::Duration;

use super::{BOUND, RECOVERY, application, is_not_ready, logged_in, recovers, redis_is_missed, unavailable};
use crate::{
    http::harness::{Client, PASSWORD},
    server_process::ServerProcess,
    servers::Servers,
    stores::harness::{World as StoreWorld, texts},
    support::{FakeClock, eventually},
};

struct World {
    redis: ServerProcess,
    clock: Arc<FakeClock>,
    client: Client,
}

/// Signs Ada in on a Redis of this test's own.
async fn world() -> World {
    let redis = ServerProcess::redis().await;
    let (mut client, clock) = application(&Servers::new().mongodb, &redis.url(), true).await;
    client.sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    World { redis, clock, client }
}

/// Uses a session until the application has cached it. From then on, Redis tracks it for notifications.
async fn is_remembered(client: &Client, redis: &ServerProcess) {
    let mut connection = redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let is_remembered = async || {
        client.clone().profile().await.expect(StatusCode::OK);
        let statistics: String = redis::cmd("INFO").arg("stats").query_async(&mut connection).await.unwrap();
        !statistics.contains("tracking_total_keys:0\r")
    };
    eventually(BOUND, "it is not remembered", is_remembered).await;
}

/// Returns a thief's copy of the cookies of a session that was used and then signed out.
async fn thief_of_ended_session(client: &Client) -> Client {
    let mut customer = logged_in(client).await;
    customer.profile().await.expect(StatusCode::OK);
    let thief = customer.clone();
    customer.log_out().await.expect(StatusCode::OK);
    thief
}

async fn expect_no_access(thief: &Client) {
    thief.clone().profile().await.expect(StatusCode::UNAUTHORIZED);
    thief.clone().refresh().await.expect(StatusCode::UNAUTHORIZED);
    thief.clone().get_page("/account").await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn redis_killed_is_503_in_time_and_recovers() {
    let World { mut redis, mut client, .. } = world().await;
    redis.kill();
    redis_is_missed(&client).await;
    redis.restart().await;
    recovers(&mut client).await;
    client.clone().sign_up("eve@x.test").await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn redis_paused_is_503_in_time_and_recovers() {
    let World { redis, mut client, .. } = world().await;
    redis.pause().await;
    redis_is_missed(&client).await;
    redis.resume();
    recovers(&mut client).await;
    client.clone().sign_up("eve@x.test").await.expect(StatusCode::CREATED);
}

/// Checks that a Redis that answers but refuses writes is reported, until it accepts them again.
async fn refused_writes_are_reported(refuse: &str, accept: &str) {
    let World { redis, client, .. } = world().await;
    let is_ready = async || client.clone().get("/readyz").await.status == StatusCode::OK;
    assert!(is_ready().await);
    let () = redis.tell(refuse).await;
    unavailable(&client, Client::refresh).await;
    eventually(RECOVERY, "it says that it is ready", async || !is_ready().await).await;
    is_not_ready(&client, "redis", "mongodb").await;
    let () = redis.tell(accept).await;
    eventually(RECOVERY, "it does not recover", is_ready).await;
    logged_in(&client).await;
}

#[tokio::test]
async fn n16_a_redis_that_is_a_read_only_replica_makes_the_program_unready() {
    refused_writes_are_reported("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE").await;
}

#[tokio::test]
async fn n16_a_redis_that_is_out_of_memory_makes_the_program_unready() {
    refused_writes_are_reported("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0").await;
}

#[tokio::test]
async fn a_redis_that_refuses_a_write_is_not_reported_as_silent() {
    let redis = ServerProcess::redis().await;
    let clock: Arc<dyn Clock> = Arc::new(FakeClock::new());
    let store = RedisStore::connect(&redis.url(), clock).await.unwrap();
    let () = redis.tell("REPLICAOF 127.0.0.1 1").await;
    let error = Sessions::create(&store, &StoreWorld::embedded().await.new_session()).await.unwrap_err();
    assert_eq!(error.to_string(), "redis refuses the operation");
    assert!(texts(&error).contains("read only replica"), "{error:?}");
}

#[tokio::test]
async fn requests_of_one_session_do_not_wait_for_each_other_when_redis_hangs() {
    let World { redis, client, .. } = world().await;
    is_remembered(&client, &redis).await;
    // The session is then read again.
    client.clone().refresh().await.expect(StatusCode::OK);
    redis.pause().await;
    join_all((0..10).map(|_| unavailable(&client, Client::profile))).await;
}

#[tokio::test]
async fn t8_after_a_restart_of_redis_sessions_and_revocations_are_as_before() {
    let World { mut redis, clock, client: mut laptop } = world().await;
    let mut tablet = logged_in(&laptop).await;
    tablet.profile().await.expect(StatusCode::OK);
    laptop.post_json("/api/auth/sessions/revoke-others", "").await.expect(StatusCode::OK);
    let thief = thief_of_ended_session(&laptop).await;
    let mut phone = logged_in(&laptop).await;
    let before = phone.clone();
    phone.refresh().await.expect(StatusCode::OK);

    redis.kill();
    redis.restart().await;
    recovers(&mut laptop).await;
    expect_no_access(&thief).await;
    expect_no_access(&tablet).await;
    phone.profile().await.expect(StatusCode::OK);
    let mut repeated = before.clone();
    repeated.refresh().await.expect(StatusCode::OK);
    assert_eq!(repeated.cookies["refreshToken"], phone.cookies["refreshToken"], "it has one successor");

    // The grace period plus the tolerated clock skew. Another browser than the session's has the copy.
    clock.advance(Duration::seconds(41));
    let mut copy = before.clone();
    copy.cookies.remove("browser");
    copy.refresh().await.expect(StatusCode::UNAUTHORIZED);
    expect_no_access(&phone).await;
    laptop.refresh().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn t8_a_redis_that_comes_back_empty_ends_every_session_and_revives_none() {
    let World { mut redis, client: mut laptop, .. } = world().await;
    is_remembered(&laptop, &redis).await;
    let thief = thief_of_ended_session(&laptop).await;

    redis.kill();
    redis.restart_empty().await;
    expect_no_access(&thief).await;
    // A cached session is used for less than another second.
    let signed_out = async || laptop.clone().profile().await.status == StatusCode::UNAUTHORIZED;
    eventually(BOUND, "a customer stays signed in", signed_out).await;
    let old = laptop.clone();
    // They also stay signed out after the connection to Redis is restored and the cache is in use.
    let started = Instant::now();
    let for_a_second = async || {
        old.clone().profile().await.expect(StatusCode::UNAUTHORIZED);
        thief.clone().profile().await.expect(StatusCode::UNAUTHORIZED);
        started.elapsed() > StdDuration::from_secs(1)
    };
    eventually(BOUND, "it hangs", for_a_second).await;

    laptop.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    laptop.profile().await.expect(StatusCode::OK);
    expect_no_access(&old).await;
    expect_no_access(&thief).await;
}
