//! Overload and slow clients: requests end before they use up memory, and timely requests are served.

use std::sync::Arc;

use async_trait::async_trait;
use axum::{
    body::{Body, Bytes},
    http::{Method, StatusCode, header},
};
use doorstep::{
    accounts::ports::{HasherError, PasswordHash, PasswordHasher, Verdict},
    domain::{Password, PasswordAttempt},
};
use futures_util::stream;
use tokio::task::JoinSet;

use super::harness::{Answer, App, Client, Options, build_with_hasher, client_of, request};
use crate::{mail::server::TIMEOUT, support::eventually};

/// Returns a body that never ends.
fn dawdling() -> Body {
    Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>())
}

async fn post_slowly(mut client: Client) -> Answer {
    let post = request(Method::POST, "/api/auth/login").header(header::CONTENT_TYPE, "application/json");
    client.send(post.body(dawdling()).unwrap()).await
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let app = App::new().await;
    // From here on, time advances whenever all tasks are idle.
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let answer = post_slowly(app.client()).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.code(), "invalid");
    assert!(begun.elapsed().as_secs() <= 10);
}

#[tokio::test]
async fn n12_d2_slow_bodies_do_not_block_other_requests() {
    let app = App::new().await;
    let mut waiting = JoinSet::new();
    for _ in 0..1100 {
        waiting.spawn(post_slowly(app.client()));
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    app.client().get_page("/login").await.expect(StatusCode::OK);
    app.client().get("/api/auth/profile").await.expect(StatusCode::UNAUTHORIZED);
    app.client().sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    assert_eq!(waiting.len(), 1100);
}

/// A hasher that never finishes.
struct Hanging;

#[async_trait]
impl PasswordHasher for Hanging {
    async fn hash(&self, _: Password) -> Result<PasswordHash, HasherError> {
        std::future::pending().await
    }

    async fn rehash(&self, _: PasswordAttempt) -> Result<PasswordHash, HasherError> {
        std::future::pending().await
    }

    async fn verify(&self, _: PasswordAttempt, _: Option<PasswordHash>) -> Result<Verdict, HasherError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn requests_over_the_capacity_are_refused_at_once_with_a_time_to_retry() {
    let app = App::new().await;
    let router = build_with_hasher(&Options::default(), app.stores.clone(), app.clock.clone(), Arc::new(Hanging)).await;
    let client = || client_of(router.clone());
    let mut waiting = JoinSet::new();
    for _ in 0..1024 {
        let mut client = client();
        waiting.spawn(async move { client.log_in("ada@x.test", "x").await });
    }
    let is_full = async || client().get("/api/auth/profile").await.status != StatusCode::UNAUTHORIZED;
    eventually(TIMEOUT, "not all are let in", is_full).await;
    let answer = client().get("/api/auth/profile").await.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.code(), "unavailable");
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
    client().get_page("/login").await.expect(StatusCode::SERVICE_UNAVAILABLE);
    client().get("/healthz").await.expect(StatusCode::OK);
    waiting.abort_all();
    while waiting.join_next().await.is_some() {}
    client().get("/api/auth/profile").await.expect(StatusCode::UNAUTHORIZED);
}
