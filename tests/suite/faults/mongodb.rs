//! MongoDB is killed, hangs, steps down, and is killed during sign-ups.

use axum::http::StatusCode;
use tokio::{sync::mpsc, task::JoinSet};

use super::{
    MANY, RECOVERY, application, in_time, is_whole_or_none, logged_in, mongodb_is_missed, recovers, unavailable,
};
use crate::{
    http::harness::{Client, PASSWORD},
    server_process::ServerProcess,
    servers::Servers,
    support::eventually,
};

/// Returns a client of an application on its own MongoDB.
async fn world(rate_limits: bool) -> (ServerProcess, Client) {
    let (mongodb, servers) = (ServerProcess::mongodb().await, Servers::new());
    let (mut client, _) = application(&mongodb.url(), &servers.redis, rate_limits).await;
    client.address = servers.address;
    (mongodb, client)
}

/// Checks that no access was granted meanwhile: there are as many sessions as devices, whatever passwords were tried.
async fn has_sessions(client: &mut Client, expected: usize) {
    let is_back = async || client.profile().await.status == StatusCode::OK;
    eventually(RECOVERY, "it does not recover", is_back).await;
    let sessions = client.get("/api/auth/sessions").await.expect(StatusCode::OK).json();
    assert_eq!(sessions.as_array().unwrap().len(), expected, "{sessions}");
}

#[tokio::test]
async fn mongodb_killed_is_503_in_time_and_recovers() {
    let (mut mongodb, mut client) = world(true).await;
    client.sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    mongodb.kill();
    mongodb_is_missed(&client).await;
    mongodb.restart().await;
    has_sessions(&mut client, 1).await;
    recovers(&mut client).await;
    is_whole_or_none(&client, "eve@x.test").await;
}

#[tokio::test]
async fn mongodb_paused_is_503_in_time_and_recovers() {
    let (mongodb, mut client) = world(true).await;
    client.sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    mongodb.pause().await;
    mongodb_is_missed(&client).await;
    mongodb.resume();
    has_sessions(&mut client, 1).await;
    recovers(&mut client).await;
    is_whole_or_none(&client, "eve@x.test").await;
}

#[tokio::test]
async fn mongodb_stepped_down_is_503_in_time_and_recovers() {
    let (mongodb, mut client) = world(true).await;
    client.sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    mongodb.step_down().await;
    mongodb_is_missed(&client).await;
    mongodb.step_up().await;
    has_sessions(&mut client, 1).await;
    recovers(&mut client).await;
    is_whole_or_none(&client, "eve@x.test").await;
}

#[tokio::test]
async fn t8_a_logout_works_without_mongodb() {
    let (mongodb, mut client) = world(true).await;
    client.sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    let mut phone = logged_in(&client).await;
    let thief = phone.clone();
    mongodb.pause().await;
    in_time(&phone, Client::log_out).await.expect(StatusCode::OK);
    unavailable(&thief, Client::profile).await;
    mongodb.resume();
    has_sessions(&mut client, 1).await;
    phone.profile().await.expect(StatusCode::UNAUTHORIZED);
}

/// Signs customers up, one after the other, until one fails. Reports the accounts, and returns the address of the
/// failed sign-up.
async fn sign_up_until_it_fails(client: Client, worker: usize, acknowledged: mpsc::Sender<String>) -> String {
    for number in 0..MANY {
        let email = format!("customer{number}of{worker}@x.test");
        let answer = in_time(&client, async |client| client.sign_up(&email).await).await;
        if answer.status != StatusCode::CREATED {
            answer.expect(StatusCode::SERVICE_UNAVAILABLE);
            return email;
        }
        let _ = acknowledged.send(email).await;
    }
    panic!("MongoDB is dead, which is not noticed");
}

#[tokio::test]
async fn sign_ups_that_were_acknowledged_survive_the_death_of_mongodb() {
    const WORKERS: usize = 8;

    let (mut mongodb, client) = world(false).await;
    let (acknowledge, mut acknowledged) = mpsc::channel(1000);
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        workers.spawn(sign_up_until_it_fails(client.clone(), worker, acknowledge.clone()));
    }
    drop(acknowledge);
    let mut customers = Vec::new();
    while customers.len() < 2 * WORKERS {
        customers.push(acknowledged.recv().await.unwrap());
    }
    mongodb.kill();
    let unclear = workers.join_all().await;
    while let Some(customer) = acknowledged.recv().await {
        customers.push(customer);
    }

    mongodb.restart().await;
    let is_back = async || client.clone().get("/readyz").await.status == StatusCode::OK;
    eventually(RECOVERY, "it does not recover", is_back).await;
    for email in customers {
        client.clone().log_in(&email, PASSWORD).await.expect(StatusCode::OK);
    }
    for email in unclear {
        is_whole_or_none(&client, &email).await;
    }
}
