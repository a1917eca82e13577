//! Limits on attempts.

use axum::http::StatusCode;
use time::Duration;

use super::harness::{App, Options, PASSWORD};

async fn limited() -> App {
    App::with(Options { rate_limits: true, ..Options::default() }).await
}

#[tokio::test]
async fn failed_logins_from_one_place_are_limited_and_told_when_to_come_back() {
    let app = limited().await;
    let mut client = app.client();
    for index in 0..20 {
        let email = format!("nobody{index}@x.test");
        client.log_in(&email, "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    }
    let answer = client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.code(), "too_many_attempts");
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=15 * 60).contains(&wait), "{wait}");
    app.clock.advance(Duration::seconds(wait));
    client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn somebody_who_logs_in_rightly_is_never_limited_and_buys_no_guesses() {
    let app = limited().await;
    let mut client = app.signed_up("ada@x.test").await;
    for _ in 0..30 {
        client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    }
    for _ in 0..20 {
        client.log_in("eve@x.test", "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    }
    client.log_in("eve@x.test", "wrong password").await.expect(StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn sign_ups_from_one_place_are_limited() {
    let app = limited().await;
    let mut client = app.client();
    for index in 0..10 {
        client.sign_up(&format!("customer{index}@x.test")).await.expect(StatusCode::CREATED);
    }
    client.sign_up("one.more@x.test").await.expect(StatusCode::TOO_MANY_REQUESTS);
    let mut elsewhere = app.client();
    elsewhere.address = [192, 0, 2, 1].into();
    elsewhere.sign_up("one.more@x.test").await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn l4_a_rotating_forwarded_address_changes_nothing() {
    let app = limited().await;
    let mut last = StatusCode::OK;
    for index in 0..25 {
        let mut client = app.client();
        client.headers.insert("x-forwarded-for", format!("198.51.100.{index}").parse().unwrap());
        last = client.log_in("ada@x.test", "wrong password").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn l4_behind_a_configured_proxy_each_customer_counts_alone() {
    let options = Options { rate_limits: true, trusted_proxies: vec!["127.0.0.0/8"], ..Options::default() };
    let app = App::with(options).await;
    for index in 0..25 {
        let mut client = app.client();
        client.headers.insert("x-forwarded-for", format!("198.51.100.{index}").parse().unwrap());
        client.log_in("ada@x.test", "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn l2_of_two_hundred_parallel_guesses_only_so_many_are_looked_at() {
    let app = limited().await;
    app.client().sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let mut client = app.client();
        tasks.spawn(async move { client.log_in("ada@x.test", "wrong password").await.status });
    }
    let statuses = tasks.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::UNAUTHORIZED).count(), 20);
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::TOO_MANY_REQUESTS).count(), 180);
}
