//! MongoDB is killed, hangs, steps down, and is killed during sign-ups.

use axum::http::StatusCode;
use doorstep::{
    accounts::ports::{Customers, StoreError},
    adapters::mongo::MongoStore,
    domain::EmailAddress,
};
use mongodb::bson::{Document, doc};
use tokio::{sync::mpsc, task::JoinSet};

use super::{
    MANY, RECOVERY, application, in_time, is_not_ready, is_whole_or_none, logged_in, mongodb_is_missed, recovers,
    unavailable,
};
use crate::{
    http::harness::{Client, PASSWORD},
    server_process::ServerProcess,
    servers::Servers,
    stores::harness::texts,
    support::{eventually, folder},
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

/// A MongoDB with a user for Doorstep, whose rights the test changes.
struct Guarded {
    mongodb: ServerProcess,
    admin: mongodb::Client,
    _key: tempfile::TempDir,
}

impl Guarded {
    async fn new() -> Self {
        let key = folder();
        let mongodb = ServerProcess::mongodb_with_users(key.path()).await;
        let client = async |user: &str| {
            let uri = format!("mongodb://{user}127.0.0.1:{}/?directConnection=true", mongodb.port());
            mongodb::Client::with_uri_str(uri).await.unwrap()
        };
        let root = doc! { "createUser": "root", "pwd": "root", "roles": ["root"] };
        client("").await.database("admin").run_command(root).await.unwrap();
        let guarded = Self { admin: client("root:root@").await, mongodb, _key: key };
        guarded.tell(doc! { "createUser": "shop", "pwd": "hunter2", "roles": ["readWrite"] }).await;
        guarded
    }

    async fn tell(&self, command: Document) {
        self.admin.database("doorstep").run_command(command).await.unwrap();
    }

    async fn allow(&self, roles: &[&str]) {
        self.tell(doc! { "updateUser": "shop", "roles": roles }).await;
    }

    fn uri(&self) -> String {
        format!("mongodb://shop:hunter2@127.0.0.1:{}/doorstep?replicaSet=rs0", self.mongodb.port())
    }
}

#[tokio::test]
async fn n16_a_user_of_mongodb_that_lost_its_rights_makes_the_program_unready() {
    let (guarded, servers) = (Guarded::new().await, Servers::new());
    let (mut client, _) = application(&guarded.uri(), &servers.redis, true).await;
    client.address = servers.address;
    client.sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    let is_ready = async || client.clone().get("/readyz").await.status == StatusCode::OK;
    assert!(is_ready().await);
    for roles in [&["read"][..], &[]] {
        guarded.allow(roles).await;
        unavailable(&client, async |client| client.sign_up("eve@x.test").await).await;
        eventually(RECOVERY, "it says that it is ready", async || !is_ready().await).await;
        is_not_ready(&client, "mongodb", "redis").await;
        guarded.allow(&["readWrite"]).await;
        eventually(RECOVERY, "it does not recover", is_ready).await;
        logged_in(&client).await;
    }
}

#[tokio::test]
async fn n16_a_collection_of_users_that_cannot_be_written_makes_the_program_unready() {
    let (mongodb, client) = world(true).await;
    let is_ready = async || client.clone().get("/readyz").await.status == StatusCode::OK;
    assert!(is_ready().await);
    let shop = mongodb::Client::with_uri_str(mongodb.url()).await.unwrap().database("doorstep");
    // A view answers reads, but refuses every write.
    shop.collection::<Document>("users").drop().await.unwrap();
    shop.run_command(doc! { "create": "users", "viewOn": "elsewhere", "pipeline": [] }).await.unwrap();
    eventually(RECOVERY, "it says that it is ready", async || !is_ready().await).await;
    is_not_ready(&client, "mongodb", "redis").await;
}

#[tokio::test]
async fn a_mongodb_that_refuses_an_operation_is_not_reported_as_silent_and_its_answer_is_not_dumped() {
    let guarded = Guarded::new().await;
    let store = MongoStore::connect(&guarded.uri()).await.unwrap();
    guarded.allow(&[]).await;
    let error = store.find_by_email(&EmailAddress::parse("ada@x.test").unwrap()).await.unwrap_err();
    assert_eq!(error.to_string(), "mongodb refuses the operation");
    let said = texts(&error);
    assert!(said.contains("Unauthorized") && said.contains("13"), "{said}");
    for hidden in ["ada@x.test", "RawDocumentBuf", "server response", "hunter2"] {
        assert!(!said.contains(hidden), "{said}");
    }
    assert!(size_of::<StoreError>() <= 48, "{}", size_of::<StoreError>());
}

#[tokio::test]
async fn t8_a_logout_works_without_mongodb() {
    let (mongodb, mut client) = world(true).await;
    client.sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    let mut phone = logged_in(&client).await;
    let thief = phone.clone();
    mongodb.pause().await;
    in_time(&phone, Client::log_out).await.expect(StatusCode::OK);
    // Redis alone knows that the session has ended.
    in_time(&thief, Client::profile).await.expect(StatusCode::UNAUTHORIZED);
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
