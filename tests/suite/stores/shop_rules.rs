//! What a shop's own indexes and validator on `users` do to sign-ups in MongoDB.

use doorstep::{
    accounts::ports::{AddressError, Customers},
    adapters::mongo::MongoStore,
    domain::EmailAddress,
};
use mongodb::{
    IndexModel,
    bson::{Document, doc},
    options::{Collation, CollationStrength, IndexOptions},
};

use super::harness::{World, drop_database, texts};
use crate::servers::Servers;

#[tokio::test]
async fn a_unique_index_of_the_shop_that_refuses_a_sign_up_is_named_without_the_customers_data() {
    let servers = Servers::new();
    unique(&servers, doc! { "phone": 1, "shop": 1 }, None).await;
    let store = MongoStore::connect(&servers.mongodb).await.unwrap();
    let world = World::embedded().await;
    store.create(&world.new_customer("ada@x.test"), None, None).await.unwrap();
    let error = store.create(&world.new_customer("bob@x.test"), None, None).await.unwrap_err();
    let said = refusal(error);
    assert!(said.contains("by the unique index phone_1_shop_1;"), "{said}");
    assert!(said.contains("doorstep check-config"), "{said}");
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_rule_of_the_shops_validator_that_refuses_a_write_is_named_without_the_customers_data() {
    let servers = Servers::new();
    let store = MongoStore::connect(&servers.mongodb).await.unwrap();
    let world = World::embedded().await;
    let ada = world.new_customer("ada@x.test");
    store.create(&ada, None, None).await.unwrap();
    let schema = doc! {
        "required": ["phone"],
        "additionalProperties": false,
        "properties": {
            "_id": {}, "name": { "maxLength": 3 }, "email": {}, "password": {}, "role": { "enum": ["shopper"] },
            "createdAt": {}, "updatedAt": {}, "__v": {}, "phone": {},
        },
    };
    validate(&servers, doc! { "$jsonSchema": schema }).await;
    let said = refusal(store.create(&world.new_customer("bob@x.test"), None, None).await.unwrap_err());
    for rule in ["phone is missing", "doorstep is not allowed", "name: maxLength", "role: enum"] {
        assert!(said.contains(rule), "{rule}: {said}");
    }
    let said = refusal(AddressError::Store(store.start_epoch(ada.customer.id, None).await.unwrap_err()));
    assert!(said.contains("phone is missing"), "{said}");
    validate(&servers, doc! { "$or": [{ "phone": { "$type": "string" } }, { "age": { "$gt": 17 } }] }).await;
    let said = refusal(store.create(&world.new_customer("bob@x.test"), None, None).await.unwrap_err());
    assert!(said.contains("phone: $type") && said.contains("age: $gt"), "{said}");
    drop_database(&servers).await;
}

#[tokio::test]
async fn an_address_that_the_shops_index_compares_by_a_collation_is_taken_and_found_by_an_index() {
    let servers = Servers::new();
    let users = servers.users().await;
    let collation = Collation::builder().locale("en").strength(CollationStrength::Primary).build();
    unique(&servers, doc! { "email": 1 }, Some(collation)).await;
    users.insert_one(doc! { "name": "Ada", "email": "ADA@x.test", "password": "$2a$10$" }).await.unwrap();
    let store = MongoStore::connect(&servers.mongodb).await.unwrap();
    MongoStore::connect(&servers.mongodb).await.unwrap();
    let world = World::embedded().await;
    let error = store.create(&world.new_customer("ada@x.test"), None, None).await.unwrap_err();
    assert!(matches!(error, AddressError::EmailTaken), "{error:?}");
    for number in 0..3 {
        store.create(&world.new_customer(&format!("bob{number}@x.test")), None, None).await.unwrap();
    }
    // A login reads one document, by an index.
    let bob = EmailAddress::parse("bob1@x.test").unwrap();
    assert!(store.find_credentials(&bob).await.unwrap().is_some());
    assert_eq!(documents_read(&servers, "bob1@x.test").await, 1);
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_collation_of_the_whole_collection_neither_merges_addresses_nor_slows_a_login_down() {
    let servers = Servers::new();
    let users = servers.users().await;
    let collation = Collation::builder().locale("en").strength(CollationStrength::Primary).build();
    let shop = users.client().database(&servers.database);
    shop.create_collection("users").collation(collation).await.unwrap();
    let store = MongoStore::connect(&servers.mongodb).await.unwrap();
    let world = World::embedded().await;
    for email in ["jose@x.test", "josé@x.test"] {
        store.create(&world.new_customer(email), None, None).await.unwrap();
        let found = store.find_by_email(&EmailAddress::parse(email).unwrap()).await.unwrap().unwrap();
        assert_eq!(found.email.as_str(), email);
    }
    assert_eq!(documents_read(&servers, "jose@x.test").await, 1);
    drop_database(&servers).await;
}

/// Returns how many documents MongoDB reads to find a customer by this address.
async fn documents_read(servers: &Servers, email: &str) -> i32 {
    let find = doc! { "find": "users", "filter": { "email": email }, "collation": { "locale": "simple" } };
    let shop = servers.users().await.client().database(&servers.database);
    let plan = shop.run_command(doc! { "explain": find, "verbosity": "executionStats" }).await.unwrap();
    plan.get_document("executionStats").unwrap().get_i32("totalDocsExamined").unwrap()
}

/// Returns the texts of a refused write, after a check that they quote nothing of the customer.
fn refusal(error: AddressError) -> String {
    let AddressError::Store(error) = error else { panic!("{error:?}") };
    let said = texts(&error);
    assert!(said.contains("mongodb refuses the operation"), "{said}");
    for quoted in ["x.test", "Zoë", "$2b$"] {
        assert!(!said.contains(quoted), "{said}");
    }
    said
}

async fn unique(servers: &Servers, keys: Document, collation: Option<Collation>) {
    let options = IndexOptions::builder().unique(true).collation(collation).build();
    let index = IndexModel::builder().keys(keys).options(options).build();
    servers.users().await.create_index(index).await.unwrap();
}

async fn validate(servers: &Servers, validator: Document) {
    let shop = servers.users().await.client().database(&servers.database);
    shop.run_command(doc! { "collMod": "users", "validator": validator }).await.unwrap();
}
