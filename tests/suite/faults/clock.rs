//! The clock is wrong by an hour, and then corrected.

use std::sync::Arc;

use axum::http::StatusCode;
use time::Duration;

use super::{application, logged_in_as};
use crate::{
    http::harness::{App, Client, Options},
    servers::Servers,
    stores::harness::new_email,
    support::FakeClock,
};

/// Uses an address of the test's own, since limits on logins count by address, and each test has a clock of its own.
async fn world(email: &str) -> (Client, Arc<FakeClock>) {
    let servers = Servers::new();
    let (mut client, clock) = application(&servers.mongodb, &servers.redis, true).await;
    client.address = servers.address;
    client.sign_up(email).await.expect(StatusCode::CREATED);
    (client, clock)
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_an_hour_ends_no_session() {
    let email = new_email();
    let (mut client, clock) = world(&email).await;
    for hour in [Duration::HOUR, -Duration::HOUR, -Duration::HOUR, Duration::HOUR] {
        clock.advance(hour);
        client.profile().await.expect(StatusCode::OK);
        client.refresh().await.expect(StatusCode::OK);
        logged_in_as(&client, &email).await;
    }
}

#[tokio::test]
async fn ended_and_expired_sessions_stay_refused_whatever_the_clock_says() {
    let email = new_email();
    let (client, clock) = world(&email).await;
    let mut ended = logged_in_as(&client, &email).await;
    let stolen = ended.clone();
    ended.log_out().await.expect(StatusCode::OK);
    let refused = async |of: &Client| {
        of.clone().profile().await.expect(StatusCode::UNAUTHORIZED);
        of.clone().refresh().await.expect(StatusCode::UNAUTHORIZED);
    };
    for hour in [Duration::HOUR, -Duration::HOUR, -Duration::HOUR, Duration::HOUR] {
        clock.advance(hour);
        refused(&stolen).await;
    }
    clock.advance(Duration::days(8));
    refused(&client).await;
    clock.advance(-Duration::HOUR);
    refused(&client).await;
    clock.advance(-Duration::days(8));
    refused(&client).await;
}

/// Uses up the failed logins of a client while the clock is ahead, corrects the clock, and checks that the announced
/// wait ends.
async fn an_announced_wait_ends(client: &mut Client, clock: &FakeClock, ahead: Duration) {
    clock.advance(ahead);
    let mut answer = client.log_in(&new_email(), "wrong password").await;
    while answer.status == StatusCode::UNAUTHORIZED {
        answer = client.log_in(&new_email(), "wrong password").await;
    }
    answer.expect(StatusCode::TOO_MANY_REQUESTS);
    clock.advance(-ahead);
    // A caller that retries earlier does not wait longer for that.
    let refused = client.log_in(&new_email(), "wrong password").await.expect(StatusCode::TOO_MANY_REQUESTS);
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!(wait <= 15 * 60, "{wait}");
    clock.advance(Duration::seconds(wait) / 2);
    client.log_in(&new_email(), "wrong password").await.expect(StatusCode::TOO_MANY_REQUESTS);
    clock.advance(Duration::seconds(wait) / 2 + Duration::SECOND);
    client.log_in(&new_email(), "wrong password").await.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn after_a_clock_that_was_ahead_is_corrected_the_announced_wait_ends_on_servers() {
    for ahead in [Duration::HOUR, Duration::days(365)] {
        let servers = Servers::new();
        let (mut client, clock) = application(&servers.mongodb, &servers.redis, true).await;
        client.address = servers.address;
        an_announced_wait_ends(&mut client, &clock, ahead).await;
    }
}

#[tokio::test]
async fn after_a_clock_that_was_ahead_is_corrected_the_announced_wait_ends_on_the_embedded_store() {
    for ahead in [Duration::HOUR, Duration::days(365)] {
        let app = App::with(Options { rate_limits: true, ..Options::default() }).await;
        an_announced_wait_ends(&mut app.client(), &app.clock, ahead).await;
    }
}
