//! What `check-config` reports about stores on servers.

use std::process::Output;

use mongodb::{
    IndexModel,
    bson::{Document, doc},
    options::IndexOptions,
};
use tempfile::TempDir;

use super::{KEY, Serving, free_port, run};
use crate::{server_process::ServerProcess, servers::Servers, stores::harness::drop_database};

/// Runs `check-config` with these stores. Returns its exit code and output.
fn check(mongodb: &str, redis: &str) -> (Option<i32>, String) {
    let variables = [("MONGODB_URI", mongodb), ("REDIS_URL", redis), ("SECRET_KEY", KEY)];
    let Output { status, stdout, stderr } = run(TempDir::new().unwrap().path(), &["check-config"], &variables);
    (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_connects_to_both_stores_and_writes_nothing() {
    let (servers, redis) = (Servers::new(), ServerProcess::redis().await);
    let (code, said) = check(&servers.mongodb, &redis.url());
    assert_eq!(code, Some(0), "{said}");
    let stores: Vec<_> = said.lines().filter(|line| line.starts_with("# store in use: ")).collect();
    assert_eq!(stores.len(), 2, "{said}");
    assert!(stores[0].contains("mongodb") && stores[1].contains("redis"), "{said}");
    assert_eq!(redis.tell::<u32>("DBSIZE").await, 0);
    let shop = servers.users().await.client().database(&servers.database);
    assert!(shop.list_collection_names().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_fails_if_redis_does_not_answer_and_names_every_store_that_does_not() {
    let servers = Servers::new();
    let port = free_port();
    let (nowhere, gone) = (format!("mongodb://127.0.0.1:{port}/shop"), format!("redis://:hunter2@127.0.0.1:{port}"));
    let (code, said) = check(&servers.mongodb, &gone);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("# store in use: mongodb") && said.contains("redis does not answer"), "{said}");
    let (code, said) = check(&nowhere, &gone);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("mongodb does not answer") && said.contains("redis does not answer"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_refuses_the_password_fails_a_check_and_the_start_at_once() {
    let (servers, redis) = (Servers::new(), ServerProcess::redis().await);
    let wrong = format!("redis://:hunter2@127.0.0.1:{}", redis.port());
    let (code, said) = check(&servers.mongodb, &wrong);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("redis refuses the operation") && !said.contains("hunter2"), "{said}");
    let variables = [("MONGODB_URI", servers.mongodb.as_str()), ("REDIS_URL", &wrong), ("SECRET_KEY", KEY)];
    let started = std::time::Instant::now();
    let output = run(TempDir::new().unwrap().path(), &["keys", "list"], &variables);
    assert!(!output.status.success(), "{output:?}");
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "it is retried");
    drop_database(&servers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_that_no_customer_can_log_in_with_are_counted_at_the_start_and_by_a_check() {
    let servers = Servers::new();
    let warning = "6 customers cannot log in";
    let unusable =
        ["Ada@x.test", " bob@x.test", "eve@x.test\t", "a@bücher.example", "o\u{301}@x.test", "\u{feff}b@x.test"];
    for email in unusable.into_iter().chain(["dan@x.test", "josé@x.test", "a@xn--bcher-kva.example"]) {
        servers.users().await.insert_one(doc! { "name": "Ada", "email": email }).await.unwrap();
    }
    servers.users().await.insert_one(doc! { "name": "Ada", "email": 7 }).await.unwrap();
    let (code, said) = check(&servers.mongodb, &servers.redis);
    assert_eq!(code, Some(0), "{said}");
    let told = said.lines().find(|line| line.starts_with("# warning: ") && line.contains(warning)).unwrap();
    assert!(told.contains("doorstep export") && !told.contains("x.test"), "{told}");
    let logged = log_of_a_start(&servers);
    assert_eq!(logged.matches(warning).count(), 1, "{logged}");
    drop_database(&servers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_refuses_every_sign_up_fails_a_check_and_is_an_error_in_the_log_of_the_start() {
    let servers = Servers::new();
    let users = servers.users().await;
    users.insert_one(doc! { "name": "Ada", "email": "ada@x.test", "username": "ada" }).await.unwrap();
    // None of these refuses a sign-up.
    create(&servers, doc! { "phone": 1 }, IndexOptions::builder().unique(true).sparse(true).build()).await;
    let only_text = doc! { "nick": { "$type": "string" } };
    create(
        &servers,
        doc! { "nick": 1 },
        IndexOptions::builder().unique(true).partial_filter_expression(only_text).build(),
    )
    .await;
    create(&servers, doc! { "tenant": 1, "email": 1 }, IndexOptions::builder().unique(true).build()).await;
    validate(&servers, doc! { "$jsonSchema": { "required": ["name", "email"] } }, "error").await;
    let (code, said) = check(&servers.mongodb, &servers.redis);
    assert_eq!(code, Some(0), "{said}");

    // One customer without it exists at most: the trial needs a second.
    create(&servers, doc! { "username": 1 }, IndexOptions::builder().unique(true).build()).await;
    let (code, said) = check(&servers.mongodb, &servers.redis);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("customers cannot sign up: the unique index username_1 on username"), "{said}");
    assert!(said.contains("partialFilterExpression") && said.contains("# store in use: mongodb"), "{said}");
    let logged = log_of_a_start(&servers);
    assert_eq!(logged.matches("ERROR").count(), 1, "{logged}");
    assert!(logged.contains("the unique index username_1 on username"), "{logged}");

    users.drop_index("username_1").await.unwrap();
    let strict = doc! { "$jsonSchema": { "required": ["phone"], "properties": { "password": { "maxLength": 8 } } } };
    validate(&servers, strict.clone(), "error").await;
    let (code, said) = check(&servers.mongodb, &servers.redis);
    assert_eq!(code, Some(1), "{said}");
    let named = "customers cannot sign up: the validator of users: password: maxLength, phone is missing";
    assert!(said.contains(named) && said.contains("collMod"), "{said}");
    validate(&servers, strict, "warn").await;
    let (code, said) = check(&servers.mongodb, &servers.redis);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(users.count_documents(doc! {}).await.unwrap(), 1, "a check leaves nothing");
    drop_database(&servers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_that_are_not_customers_are_not_counted_and_other_ids_are_warned_of_at_the_start_and_by_a_check() {
    let servers = Servers::new();
    let documents = [
        doc! { "name": "Ada", "email": "ada@x.test" },
        doc! { "name": "Ada" },
        doc! { "name": "Ada", "email": null },
        doc! { "name": "Ada", "email": 7 },
        doc! { "_id": "seven", "name": "Ada", "email": "bob@x.test" },
        doc! { "_id": mongodb::bson::Uuid::new(), "name": "Ada", "email": "eve@x.test" },
    ];
    servers.users().await.insert_many(documents).await.unwrap();
    let (code, said) = check(&servers.mongodb, &servers.redis);
    assert_eq!(code, Some(0), "{said}");
    let warning = "2 documents in users are not customers, because their _id is not an ObjectId";
    assert_eq!(said.matches(warning).count(), 1, "{said}");
    assert!(said.contains("customers: 1\n"), "{said}");
    let logged = log_of_a_start(&servers);
    assert_eq!(logged.matches(warning).count(), 1, "{logged}");
    drop_database(&servers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_a_check_fails_for_addresses_that_are_not_unique_as_the_start_would() {
    let servers = Servers::new();
    let users = servers.users().await;
    for email in ["ada@x.test", "ada@x.test", "bob@x.test"] {
        users.insert_one(doc! { "name": "Ada", "email": email }).await.unwrap();
    }
    let refuses = |reason: &str| {
        let (code, said) = check(&servers.mongodb, &servers.redis);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(reason) && !said.contains("x.test"), "{said}");
        let variables = [("MONGODB_URI", servers.mongodb.as_str()), ("REDIS_URL", &servers.redis), ("SECRET_KEY", KEY)];
        let output = run(TempDir::new().unwrap().path(), &["migrate"], &variables);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!output.status.success() && said.contains(reason) && !said.contains("x.test"), "{said}");
    };
    refuses("several customers share an email address");
    users.delete_many(doc! { "email": "ada@x.test" }).await.unwrap();
    create(&servers, doc! { "email": 1 }, IndexOptions::default()).await;
    refuses("its index on email is not unique");
    users.drop_index("email_1").await.unwrap();
    let (code, said) = check(&servers.mongodb, &servers.redis);
    assert_eq!(code, Some(0), "{said}");
    drop_database(&servers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_migrations_ends_in_order_while_connections_to_mongodb_are_opened() {
    let servers = Servers::new();
    let join = if servers.mongodb.contains('?') { '&' } else { '?' };
    let uri = format!("{}{join}minPoolSize=50", servers.mongodb);
    for _ in 0..25 {
        let variables = [("MONGODB_URI", uri.as_str()), ("REDIS_URL", &servers.redis), ("SECRET_KEY", KEY)];
        let output = run(TempDir::new().unwrap().path(), &["migrate", "--dry-run"], &variables);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success() && !said.contains("panicked"), "{said}");
        let (code, said) = check(&uri, &servers.redis);
        assert!(code == Some(0) && !said.contains("panicked"), "{said}");
    }
}

/// Returns what the server logs when it starts on these stores.
fn log_of_a_start(servers: &Servers) -> String {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let variables = [("MONGODB_URI", servers.mongodb.as_str()), ("REDIS_URL", &servers.redis), ("SECRET_KEY", KEY)];
    let mut serving = Serving::start_logging(folder.path(), &variables, std::fs::File::create(&log).unwrap());
    assert_eq!(serving.terminate(), Some(0));
    std::fs::read_to_string(&log).unwrap()
}

async fn create(servers: &Servers, keys: Document, options: IndexOptions) {
    let index = IndexModel::builder().keys(keys).options(options).build();
    servers.users().await.create_index(index).await.unwrap();
}

async fn validate(servers: &Servers, validator: Document, action: &str) {
    let change = doc! { "collMod": "users", "validator": validator, "validationAction": action };
    servers.users().await.client().database(&servers.database).run_command(change).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn options_of_old_node_drivers_in_the_uri_of_mongodb_are_ignored_and_another_unknown_one_is_named() {
    let servers = Servers::new();
    let join = if servers.mongodb.contains('?') { '&' } else { '?' };
    for options in ["useNewUrlParser=true&useUnifiedTopology=true", "useunifiedtopology=true&w=majority"] {
        let (code, said) = check(&format!("{}{join}{options}", servers.mongodb), &servers.redis);
        assert_eq!(code, Some(0), "{options}: {said}");
    }
    for (uri, named) in [
        ("mongodb://ada:hunter2@127.0.0.1/shop?useNewUrlParser=true&poolSize=hunter2", "the option poolSize"),
        ("mongodb://ada:hunter2@127.0.0.1/shop?maxPoolSize=hunter2", "the option maxPoolSize"),
        ("mongodb://ada:123?hunter2=x@127.0.0.1/shop", "must be a mongodb:// or mongodb+srv:// URI"),
        ("mysql://127.0.0.1/shop", "must be a mongodb:// or mongodb+srv:// URI"),
    ] {
        let (code, said) = check(uri, &servers.redis);
        assert_eq!(code, Some(2), "{uri}: {said}");
        assert!(said.contains("MONGODB_URI: ") && said.contains(named), "{uri}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}
