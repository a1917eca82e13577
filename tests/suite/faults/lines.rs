//! A connection is cut or silent, while its server works.

use super::{application, is_whole_or_none, mongodb_is_missed, recovers, redis_is_missed};
use crate::{
    http::harness::Client,
    line::{Line, State},
    servers::Servers,
};
use axum::http::StatusCode;

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
    let (mut client, _) = application(&uri, &format!("redis://127.0.0.1:{}/0", redis.port), true).await;
    client.address = servers.address;
    client.sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    World { mongodb, redis, client }
}

async fn without_redis(state: State) {
    let World { redis, mut client, .. } = world().await;
    redis.set(state);
    redis_is_missed(&client).await;
    redis.set(State::Up);
    recovers(&mut client).await;
    client.clone().sign_up("eve@x.test").await.expect(StatusCode::CREATED);
}

async fn without_mongodb(state: State) {
    let World { mongodb, mut client, .. } = world().await;
    mongodb.set(state);
    mongodb_is_missed(&client).await;
    mongodb.set(State::Up);
    recovers(&mut client).await;
    is_whole_or_none(&client, "eve@x.test").await;
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
