//! The clock is wrong by an hour, and then put right.

use std::sync::Arc;

use axum::http::StatusCode;
use time::Duration;

use super::{application, logged_in};
use crate::{http::harness::Client, servers::Servers, support::FakeClock};

async fn world() -> (Client, Arc<FakeClock>) {
    let servers = Servers::new();
    let (mut client, clock) = application(&servers.mongodb, &servers.redis, true).await;
    client.address = servers.address;
    client.sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    (client, clock)
}

#[tokio::test]
async fn a_clock_that_is_wrong_for_an_hour_signs_nobody_out() {
    let (mut client, clock) = world().await;
    for hour in [Duration::HOUR, -Duration::HOUR, -Duration::HOUR, Duration::HOUR] {
        clock.advance(hour);
        client.profile().await.expect(StatusCode::OK);
        client.refresh().await.expect(StatusCode::OK);
        logged_in(&client).await;
    }
}

#[tokio::test]
async fn what_has_ended_or_expired_stays_so_whatever_the_clock_says() {
    let (client, clock) = world().await;
    let mut ended = logged_in(&client).await;
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
