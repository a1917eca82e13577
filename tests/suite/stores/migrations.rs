//! Migrations: one of several starting instances migrates the stores, and later starts find nothing to do.

use doorstep::adapters::{embedded::Embedded, mongo::MongoStore};
use futures_util::future::join_all;
use mongodb::{
    Collection,
    bson::{DateTime, Document, doc},
};

use super::harness::{World, drop_database};
use crate::{servers::Servers, support::folder};

async fn schema(servers: &Servers) -> Collection<Document> {
    let client = mongodb::Client::with_uri_str(&servers.mongodb).await.unwrap();
    client.database(&servers.database).collection("doorstep_schema")
}

async fn pending(servers: &Servers) -> usize {
    MongoStore::pending_migrations(&servers.mongodb).await.unwrap().len()
}

#[tokio::test]
async fn of_all_instances_that_start_at_once_one_brings_mongodb_up_to_date_and_all_serve() {
    let servers = Servers::new();
    let steps = pending(&servers).await;
    assert!(steps > 0);
    let started = join_all((0..8).map(|_| MongoStore::connect(&servers.mongodb))).await;
    assert!(started.iter().all(Result::is_ok), "{:?}", started.iter().find_map(|store| store.as_ref().err()));
    let found = schema(&servers).await.find_one(doc! {}).await.unwrap().unwrap();
    assert_eq!(found.get_i32("version").unwrap(), i32::try_from(steps).unwrap(), "each step was taken once");
    assert!(!found.contains_key("lockedUntil"), "{found}");
    assert_eq!(pending(&servers).await, 0);
    drop_database(&servers).await;
}

#[tokio::test]
async fn the_lock_of_an_instance_that_died_is_taken_over_when_its_time_is_up() {
    let servers = Servers::new();
    let died = doc! { "_id": "schema", "owner": "nobody", "lockedUntil": DateTime::from_millis(1) };
    schema(&servers).await.insert_one(died).await.unwrap();
    MongoStore::connect(&servers.mongodb).await.unwrap();
    assert_eq!(pending(&servers).await, 0);
    drop_database(&servers).await;
}

#[tokio::test]
async fn the_schema_version_of_a_newer_program_stays_unchanged() {
    let servers = Servers::new();
    schema(&servers).await.insert_one(doc! { "_id": "schema", "version": 1000 }).await.unwrap();
    MongoStore::connect(&servers.mongodb).await.unwrap();
    let found = schema(&servers).await.find_one(doc! {}).await.unwrap().unwrap();
    assert_eq!(found, doc! { "_id": "schema", "version": 1000 });
    drop_database(&servers).await;
}

#[tokio::test]
async fn pending_migrations_of_the_embedded_store_are_listed_before_they_are_applied() {
    let folder = folder();
    let steps = Embedded::pending_migrations(folder.path()).await.unwrap();
    assert!(steps.len() > 9 && steps[0].starts_with("1 "), "{steps:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "and nothing is done");
    let clock = World::embedded().await.clock.clone();
    Embedded::open(folder.path(), clock).await.unwrap();
    assert_eq!(Embedded::pending_migrations(folder.path()).await.unwrap(), Vec::<String>::new());
}
