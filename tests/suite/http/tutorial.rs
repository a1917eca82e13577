//! Compatibility with the tutorial: an existing `users` collection works in place, and MongoDB and Redis support
//! everything that the embedded store does.

use std::sync::Arc;

use axum::http::StatusCode;
use doorstep::{
    accounts::ports::Clock,
    adapters::{mongo::MongoStore, redis::RedisStore},
    composition::Stores,
};
use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use time::Duration;

use super::harness::{Client, Options, PASSWORD, build, client_of};
use crate::{servers::Servers, support::FakeClock};

/// `tutorial-pass`, hashed by bcryptjs 2.4.
const BY_BCRYPTJS_2: &str = "$2a$10$Fies6bJLeuVjym1O3gdJ9upxJ3oj/XLlDTilX9awuKhrlN1h7AjSK";
/// `tutorial-pass`, hashed by bcryptjs 3.
const BY_BCRYPTJS_3: &str = "$2b$10$SZPOZEGAZ7SisN41JFDdHONz0Q5nvzzL6S8OuEgtWC7O04ClpqLfu";
/// 80 times `x`, of which bcryptjs hashes 72.
const LONG: &str = "$2a$10$jE9hVfn42LJlEJQolSACNuFlRs1XkGi//9zRWbzRYbWWI48BdAOg.";

async fn app(servers: &Servers) -> (Client, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::new());
    let customers = MongoStore::connect(&servers.mongodb).await.unwrap();
    let redis = RedisStore::connect(&servers.redis, clock.clone() as Arc<dyn Clock>).await.unwrap();
    let router = build(&Options::default(), Stores::servers(customers, redis), clock.clone()).await;
    (client_of(router), clock)
}

/// Returns a document as the tutorial's mongoose model writes it.
fn user(email: &str, hash: &str) -> Document {
    let then = DateTime::parse_rfc3339_str("2024-03-01T10:20:30.456Z").unwrap();
    doc! {
        "_id": ObjectId::new(),
        "name": "Ada Lovelace",
        "email": email,
        "password": hash,
        "cartItems": [{ "quantity": 2, "product": ObjectId::new() }],
        "role": "customer",
        "createdAt": then,
        "updatedAt": then,
        "__v": 0,
    }
}

#[tokio::test]
async fn s3_a_customer_of_the_tutorials_shop_logs_in_and_their_hash_is_upgraded() {
    let servers = Servers::new();
    let users = servers.users().await;
    for (email, hash, password) in [
        ("two@x.test", BY_BCRYPTJS_2, "tutorial-pass"),
        ("three@x.test", BY_BCRYPTJS_3, "tutorial-pass"),
        ("long@x.test", LONG, &"x".repeat(80)),
    ] {
        let before = user(email, hash);
        users.insert_one(before.clone()).await.unwrap();
        let (client, _) = app(&servers).await;
        client.clone().log_in(email, "tutorial-pas").await.expect(StatusCode::UNAUTHORIZED);
        let answer = client.clone().log_in(email, password).await.expect(StatusCode::OK);
        assert_eq!(answer.json()["_id"], before.get_object_id("_id").unwrap().to_hex());
        assert_eq!(answer.json()["createdAt"], "2024-03-01T10:20:30.456Z");

        let after = users.find_one(doc! { "email": email }).await.unwrap().unwrap();
        assert_ne!(after.get_str("password").unwrap(), hash, "the hash is of today's scheme");
        assert_eq!(after.get_array("cartItems"), before.get_array("cartItems"), "the shop's own fields stay");
        client.clone().log_in(email, password).await.expect(StatusCode::OK);
    }
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_customer_without_the_fields_that_came_later_logs_in_as_a_plain_customer() {
    let servers = Servers::new();
    let users = servers.users().await;
    let mut document = user("ada@x.test", BY_BCRYPTJS_2);
    for field in ["createdAt", "updatedAt", "role", "__v", "cartItems"] {
        document.remove(field);
    }
    users.insert_one(document).await.unwrap();
    let (mut client, _) = app(&servers).await;
    let answer = client.log_in("ada@x.test", "tutorial-pass").await.expect(StatusCode::OK);
    assert_eq!(answer.json()["role"], "customer");
    assert!(answer.json()["createdAt"].as_str().unwrap().ends_with('Z'));
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_login_with_the_address_of_a_document_that_is_not_a_customer_is_that_of_an_unknown_address() {
    let servers = Servers::new();
    let mut document = user("ada@x.test", BY_BCRYPTJS_2);
    document.insert("_id", "seven");
    servers.users().await.insert_one(document).await.unwrap();
    let (client, _) = app(&servers).await;
    let known = client.clone().log_in("ada@x.test", "tutorial-pass").await.expect(StatusCode::UNAUTHORIZED);
    let unknown = client.clone().log_in("nobody@x.test", "tutorial-pass").await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(known.json(), unknown.json());
    client.clone().sign_up("ada@x.test").await.expect(StatusCode::CONFLICT);
    assert_eq!(servers.users().await.count_documents(doc! {}).await.unwrap(), 1);
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_new_customer_is_written_as_mongoose_would() {
    let servers = Servers::new();
    let (mut client, _) = app(&servers).await;
    let answer = client.sign_up("Ada@X.test").await.expect(StatusCode::CREATED);
    let document = servers.users().await.find_one(doc! {}).await.unwrap().unwrap();
    assert_eq!(document.get_object_id("_id").unwrap().to_hex(), answer.json()["_id"].as_str().unwrap());
    assert_eq!(document.get_str("email").unwrap(), "ada@x.test");
    assert_eq!(document.get_str("role").unwrap(), "customer");
    assert!(document.get_str("password").unwrap().starts_with("$2b$"));
    assert!(document.get_datetime("createdAt").is_ok() && document.get_datetime("updatedAt").is_ok());
    drop_database(&servers).await;
}

#[tokio::test]
async fn mongodb_and_redis_support_everything_that_the_embedded_store_does() {
    let servers = Servers::new();
    let (client, clock) = app(&servers).await;
    let mut sign_ups = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let mut client = client.clone();
        sign_ups.spawn(async move { (client.sign_up("ada@x.test").await.status, client) });
    }
    let mut signed_up: Vec<Client> = sign_ups
        .join_all()
        .await
        .into_iter()
        .filter_map(|(status, client)| (status == StatusCode::CREATED).then_some(client))
        .collect();
    assert_eq!(signed_up.len(), 1);
    let mut ada = signed_up.remove(0);

    // Before the clock is advanced: the library of form states uses the system's clock.
    let mut visitor = client.clone();
    let answer = visitor.post_form("/api/auth/login", &[("email", "ada@x.test"), ("password", "wrong")]).await;
    assert_eq!(answer.expect(StatusCode::SEE_OTHER).location(), "/login");
    assert!(visitor.get_page("/login").await.body.contains("Incorrect email or password."));

    clock.advance(Duration::hours(1));
    let mut refreshes = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let mut ada = ada.clone();
        refreshes.spawn(async move {
            ada.get_page("/account").await.expect(StatusCode::OK);
            ada.cookies["refreshToken"].clone()
        });
    }
    let mut successors = refreshes.join_all().await;
    successors.dedup();
    assert_eq!(successors.len(), 1, "one successor");
    let mut thief = ada.clone();
    ada.cookies.insert("refreshToken".into(), successors.remove(0));
    ada.profile().await.expect(StatusCode::OK);

    clock.advance(Duration::seconds(11));
    thief.cookies.remove("accessToken");
    thief.profile().await.expect(StatusCode::UNAUTHORIZED);
    ada.profile().await.expect(StatusCode::UNAUTHORIZED);

    ada.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    let mut copy = ada.clone();
    ada.log_out().await.expect(StatusCode::OK);
    copy.profile().await.expect(StatusCode::UNAUTHORIZED);

    drop_database(&servers).await;
}

async fn drop_database(servers: &Servers) {
    let client = mongodb::Client::with_uri_str(&servers.mongodb).await.unwrap();
    client.database(&servers.database).drop().await.unwrap();
}
