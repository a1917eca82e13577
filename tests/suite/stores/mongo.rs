//! Properties of the customers in MongoDB only: the shop's other programs read and write the same collection.

use std::time::Duration;

use doorstep::{
    accounts::ports::{AddressError, Archive, Customers, PasswordHash, StoreError},
    adapters::mongo::MongoStore,
    domain::{CustomerId, EmailAddress, Role},
};
use mongodb::{
    IndexModel,
    bson::{Bson, DateTime, Document, doc, oid::ObjectId},
    options::IndexOptions,
};
use time::OffsetDateTime;
use tokio::time::timeout;

use super::harness::{World, drop_database, texts};
use crate::{
    line::{Line, State},
    servers::Servers,
    support::eventually,
};

/// How long notifications may take on a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(20);

const HASH: &str = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

#[tokio::test]
async fn a_customer_is_written_as_mongoose_would() {
    let (servers, store) = new().await;
    let ada = World::embedded().await.new_customer("ada@x.test");
    store.create(&ada, None, None).await.unwrap();
    let created_at = ada.customer.created_at;
    let created_at = DateTime::from_millis(created_at.unix_timestamp() * 1000 + i64::from(created_at.millisecond()));
    let expected = doc! {
        "_id": ObjectId::from_bytes(ada.customer.id.to_bytes()),
        "name": ada.customer.name.as_str(),
        "email": "ada@x.test",
        "password": ada.password.expose(),
        "role": "customer",
        "createdAt": created_at,
        "updatedAt": created_at,
        "__v": 0_i32,
        "doorstep": { "language": "id", "passwordChangedAt": created_at },
    };
    assert_eq!(only_user(&servers).await, expected);
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_document_of_mongoose_and_bcryptjs_is_read() {
    let (servers, store) = new().await;
    let id = ObjectId::new();
    let [created, updated] = [1_700_000_000_123, 1_700_000_100_456];
    let user = doc! {
        "_id": id, "name": "Ada", "email": "ada@x.test", "password": HASH, "role": "admin", "cart": [{ "sku": 7 }],
        "createdAt": DateTime::from_millis(created), "updatedAt": DateTime::from_millis(updated), "__v": 3,
    };
    insert(&servers, user).await;
    let found = find(&store, "ada@x.test").await.unwrap().unwrap();
    assert_eq!(found.password.expose(), HASH);
    assert_eq!(found.customer.id.to_string(), id.to_hex());
    assert_eq!(found.customer.role, Role::Admin);
    assert_eq!(found.customer.created_at, millis(created));
    assert_eq!(found.customer.updated_at, millis(updated));
    assert_eq!(store.find(found.customer.id).await.unwrap(), Some(found.customer));
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_document_without_role_and_times_is_a_plain_customer_since_its_id_was_made() {
    let (servers, store) = new().await;
    let id = ObjectId::new();
    insert(&servers, doc! { "_id": id, "name": "Ada", "email": "ada@x.test", "password": HASH }).await;
    let found = find(&store, "ada@x.test").await.unwrap().unwrap().customer;
    assert_eq!(found.role, Role::Customer);
    assert_eq!(found.created_at, millis(id.timestamp().timestamp_millis()));
    assert_eq!(found.updated_at, found.created_at);
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_role_that_is_not_ours_grants_nothing() {
    let (servers, store) = new().await;
    for (number, role) in [Bson::from("superuser"), Bson::from(1), Bson::Null].into_iter().enumerate() {
        let email = format!("{number}@x.test");
        insert(&servers, doc! { "name": "Ada", "email": &email, "password": HASH, "role": role }).await;
        assert_eq!(find(&store, &email).await.unwrap().unwrap().customer.role, Role::Customer);
    }
    drop_database(&servers).await;
}

#[tokio::test]
async fn t8_a_role_that_another_program_changes_or_takes_away_is_known_soon() {
    let (servers, store) = new().await;
    let ada = World::embedded().await.new_customer("ada@x.test");
    store.create(&ada, None, None).await.unwrap();
    let id = ada.customer.id;
    let by_id = doc! { "_id": ObjectId::from_bytes(id.to_bytes()) };
    let (line, store) = is_remembered(&servers, id).await;
    line.set(State::Up);

    let promote = doc! { "$set": { "role": "admin" } };
    servers.users().await.update_one(by_id.clone(), promote).await.unwrap();
    eventually(SOON, "it stays a customer", async || role(&store, id).await == Some(Role::Admin)).await;
    for (disabled, expected) in [(true, None), (false, Some(Role::Admin))] {
        let disable = doc! { "$set": { "doorstep.disabled": disabled } };
        servers.users().await.update_one(by_id.clone(), disable).await.unwrap();
        eventually(SOON, "it stays as it was", async || role(&store, id).await == expected).await;
    }
    servers.users().await.delete_one(by_id).await.unwrap();
    eventually(SOON, "it stays", async || store.standing(id).await.unwrap().is_none()).await;
    drop_database(&servers).await;
}

#[tokio::test]
async fn t8_a_cached_role_is_used_only_while_mongodb_can_be_reached() {
    let (servers, store) = new().await;
    let ada = World::embedded().await.new_customer("ada@x.test");
    store.create(&ada, None, None).await.unwrap();
    let (line, far) = is_remembered(&servers, ada.customer.id).await;
    let is_unknown = async || matches!(far.standing(ada.customer.id).await, Err(StoreError::Unavailable { .. }));
    eventually(SOON, "it is believed without MongoDB", is_unknown).await;
    line.set(State::Up);
    let is_known = async || {
        far.standing(ada.customer.id).await.is_ok_and(|found| found.is_some_and(|found| found.role == Role::Customer))
    };
    eventually(SOON, "MongoDB is back, which is not noticed", is_known).await;
    drop_database(&servers).await;
}

async fn role(store: &MongoStore, id: CustomerId) -> Option<Role> {
    store.standing(id).await.unwrap().map(|standing| standing.role)
}

/// Returns a store whose line went silent after the role was read: it is cached.
async fn is_remembered(servers: &Servers, id: CustomerId) -> (Line, MongoStore) {
    let line = Line::to(&servers.mongodb).await;
    let uri = format!("mongodb://127.0.0.1:{}/{}?directConnection=true", line.port, servers.database);
    let store = MongoStore::connect(&uri).await.unwrap();
    eventually(SOON, "it is not remembered", async || {
        line.set(State::Up);
        store.standing(id).await.unwrap();
        line.set(State::Mute);
        timeout(Duration::from_millis(100), store.standing(id)).await.is_ok_and(|standing| standing.is_ok())
    })
    .await;
    (line, store)
}

#[tokio::test]
async fn a_customer_without_a_password_cannot_log_in_and_keeps_their_address() {
    let (servers, store) = new().await;
    insert(&servers, doc! { "name": "Ada", "email": "ada@x.test", "googleId": "7" }).await;
    insert(&servers, doc! { "name": "Bob", "email": "bob@x.test", "password": null }).await;
    assert!(find(&store, "ada@x.test").await.unwrap().is_none());
    assert!(find(&store, "bob@x.test").await.unwrap().is_none());
    let ada = World::embedded().await.new_customer("ada@x.test");
    assert!(matches!(store.create(&ada, None, None).await, Err(AddressError::EmailTaken)));
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_named_by_its_id() {
    let (servers, store) = new().await;
    let id = ObjectId::new();
    insert(&servers, doc! { "_id": id, "name": "Ada", "email": 7, "password": HASH }).await;
    let error = store.find(CustomerId::from_bytes(id.bytes())).await.unwrap_err();
    let named = Bson::from(id).to_string();
    assert!(matches!(&error, StoreError::Corrupt { record, .. } if *record == named), "{error:?}");
    assert!(!format!("{error:?}").contains(HASH), "{error:?}");
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_customer_without_a_name_of_text_is_called_by_the_local_part_of_the_address() {
    let (servers, store) = new().await;
    let mut user = doc! { "email": "ada@x.test", "password": HASH };
    for name in [None, Some(Bson::from(7)), Some(Bson::Null), Some("".into()), Some(" ".into())] {
        name.clone().map(|name| user.insert("name", name));
        insert(&servers, user.clone()).await;
        let found = find(&store, "ada@x.test").await.unwrap().unwrap().customer;
        assert_eq!(found.name.as_str(), "ada", "{name:?}");
        assert_eq!(store.list(None, 2).await.unwrap(), std::slice::from_ref(&found), "{name:?}");
        let page = store.customers(None, 2).await.unwrap();
        assert_eq!(page.customers.into_iter().map(|read| read.unwrap().customer).collect::<Vec<_>>(), [found]);
        servers.users().await.delete_many(doc! {}).await.unwrap();
    }
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_password_that_is_not_text_is_treated_as_missing() {
    let (servers, store) = new().await;
    insert(&servers, doc! { "name": "Ada", "email": "ada@x.test", "password": 7 }).await;
    assert!(find(&store, "ada@x.test").await.unwrap().is_none());
    let address = EmailAddress::parse("ada@x.test").unwrap();
    assert!(store.find_by_email(&address).await.unwrap().is_some());
    let page = store.customers(None, 2).await.unwrap();
    assert!(matches!(&page.customers[..], [Ok(record)] if record.password.is_none()));
    drop_database(&servers).await;
}

#[tokio::test]
async fn fields_of_the_shops_own_survive_a_new_hash() {
    let (servers, store) = new().await;
    let user = doc! {
        "_id": ObjectId::new(), "name": "Ada", "email": "ada@x.test", "password": HASH,
        "cart": [{ "sku": 7 }], "address": { "city": "London" }, "createdAt": DateTime::from_millis(1_700_000_000_123),
    };
    insert(&servers, user.clone()).await;
    let found = find(&store, "ada@x.test").await.unwrap().unwrap();
    let new = PasswordHash::new("$2b$12$new".to_owned());
    let now = millis(1_800_000_000_000);
    store.rehash_password(found.customer.id, &found.password, &new, now).await.unwrap();
    let mut expected = user;
    expected.insert("password", "$2b$12$new");
    expected.insert("updatedAt", DateTime::from_millis(1_800_000_000_000));
    assert_eq!(only_user(&servers).await, expected);
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_disabled_customer_is_marked_in_doorsteps_own_field_and_all_other_fields_survive() {
    let (servers, store) = new().await;
    let user = doc! {
        "_id": ObjectId::new(), "name": "Ada", "email": "ada@x.test", "password": HASH, "disabled": "the shop's own",
        "createdAt": DateTime::from_millis(1_700_000_000_123), "doorstep": { "ofTheFuture": 7 },
    };
    insert(&servers, user.clone()).await;
    let id = find(&store, "ada@x.test").await.unwrap().unwrap().customer.id;
    let (now, updated) = (millis(1_800_000_000_000), DateTime::from_millis(1_800_000_000_000));
    store.set_disabled(id, true, now).await.unwrap();
    let mut expected = user;
    expected.insert("updatedAt", updated);
    expected.insert("doorstep", doc! { "ofTheFuture": 7, "disabled": true, "epoch": 1_i64 });
    assert_eq!(only_user(&servers).await, expected);
    store.set_disabled(id, false, now).await.unwrap();
    store.set_role(id, Role::Admin, now).await.unwrap();
    expected.insert("doorstep", doc! { "ofTheFuture": 7, "epoch": 1_i64 });
    expected.insert("role", "admin");
    assert_eq!(only_user(&servers).await, expected);
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_mark_that_was_set_by_hand_disables_unless_it_is_false_or_null() {
    let (servers, store) = new().await;
    let marks = [(Bson::Boolean(false), false), (Bson::Null, false), (1.into(), true), ("yes".into(), true)];
    for (number, (mark, disabled)) in marks.into_iter().enumerate() {
        let email = format!("{number}@x.test");
        let own = doc! { "disabled": mark };
        insert(&servers, doc! { "name": "Ada", "email": &email, "password": HASH, "doorstep": own }).await;
        let found = find(&store, &email).await.unwrap().unwrap().customer;
        assert_eq!(
            (found.disabled, store.standing(found.id).await.unwrap().is_none()),
            (disabled, disabled),
            "{number}"
        );
    }
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_document_that_is_not_a_customer_is_not_listed_and_hides_no_customer() {
    let (servers, store) = new().await;
    for (id, email) in [(1, Some("ada@x.test")), (2, None), (3, Some("bob@x.test"))] {
        let mut user = doc! { "_id": ObjectId::from_bytes([id; 12]), "name": "Ada" };
        email.map(|email| user.insert("email", email));
        insert(&servers, user).await;
    }
    insert(&servers, doc! { "_id": "of another kind", "name": "Eve", "email": "eve@x.test" }).await;
    let listed = store.list(None, 2).await.unwrap();
    let emails: Vec<_> = listed.iter().map(|customer| customer.email.as_str()).collect();
    assert_eq!(emails, ["ada@x.test", "bob@x.test"]);
    drop_database(&servers).await;
}

#[tokio::test]
async fn documents_with_another_type_of_id_or_email_are_not_found_listed_or_exported_and_keep_their_address() {
    let (servers, store) = new().await;
    let uuid = mongodb::bson::Uuid::new();
    let ids: [Bson; 5] = ["seven".into(), 7.into(), uuid.into(), doc! { "shop": 1 }.into(), DateTime::now().into()];
    for (number, id) in ids.into_iter().enumerate() {
        let email = format!("{number}@x.test");
        insert(&servers, doc! { "_id": id, "name": "Ada", "email": &email, "password": HASH }).await;
        assert!(find(&store, &email).await.unwrap().is_none());
        assert!(store.find_by_email(&EmailAddress::parse(&email).unwrap()).await.unwrap().is_none());
        let again = World::embedded().await.new_customer(&email);
        assert!(matches!(store.create(&again, None, None).await, Err(AddressError::EmailTaken)));
    }
    insert(&servers, doc! { "name": "Ada", "email": ["array@x.test"], "password": HASH }).await;
    assert!(find(&store, "array@x.test").await.unwrap().is_none());
    let last = doc! { "_id": ObjectId::from_bytes([0xff; 12]), "name": "Ada", "email": "ada@x.test", "password": HASH };
    insert(&servers, last).await;
    assert_eq!(store.list(None, 9).await.unwrap().len(), 1);
    assert_eq!(store.customers(None, 9).await.unwrap().customers.len(), 1);
    drop_database(&servers).await;
}

#[tokio::test]
async fn an_export_leaves_out_documents_without_an_address_of_text_and_succeeds() {
    let servers = Servers::new();
    for email in [None, Some(Bson::Null), Some(7.into()), Some(vec!["eve@x.test"].into()), Some("ada@x.test".into())] {
        let mut user = doc! { "name": "Ada" };
        email.map(|email| user.insert("email", email));
        insert(&servers, user).await;
    }
    let world = World::on(servers).await;
    let exported = world.archivist().export(&mut Vec::new()).await.unwrap();
    assert_eq!((exported.customers, exported.unreadable), (1, 0));
    world.close().await;
}

#[tokio::test]
async fn creating_a_customer_again_with_the_same_id_succeeds() {
    let (servers, store) = new().await;
    let ada = World::embedded().await.new_customer("ada@x.test");
    store.create(&ada, None, None).await.unwrap();
    store.create(&ada, None, None).await.unwrap();
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_conflict_in_a_unique_index_of_the_shop_is_not_reported_as_a_taken_address() {
    let (servers, store) = new().await;
    let options = IndexOptions::builder().unique(true).build();
    let index = IndexModel::builder().keys(doc! { "phone": 1 }).options(options).build();
    servers.users().await.create_index(index).await.unwrap();
    let world = World::embedded().await;
    store.create(&world.new_customer("ada@x.test"), None, None).await.unwrap();
    // The second customer without a telephone.
    let bob = world.new_customer("bob@x.test");
    let error = store.create(&bob, None, None).await.unwrap_err();
    assert!(matches!(error, AddressError::Store(_)), "{error:?}");
    drop_database(&servers).await;
}

#[tokio::test]
async fn r1_the_index_is_the_one_that_mongoose_makes() {
    let (servers, _) = new().await;
    let names = servers.users().await.list_index_names().await.unwrap();
    assert_eq!(names, ["_id_", "email_1", "doorstep_outbox"]);
    // A second start, and a third with an index of another name, find what they need.
    MongoStore::connect(&servers.mongodb).await.unwrap();
    servers.users().await.drop_index("email_1").await.unwrap();
    let options = IndexOptions::builder().unique(true).name("one account an address".to_owned()).build();
    let index = IndexModel::builder().keys(doc! { "email": 1.0 }).options(options).build();
    servers.users().await.create_index(index).await.unwrap();
    MongoStore::connect(&servers.mongodb).await.unwrap();
    drop_database(&servers).await;
}

#[tokio::test]
async fn r1_addresses_that_are_not_unique_are_refused_at_the_start() {
    let servers = Servers::new();
    for _ in 0..2 {
        insert(&servers, doc! { "name": "Ada", "email": "ada@x.test", "password": HASH }).await;
    }
    let error = MongoStore::connect(&servers.mongodb).await.err().unwrap();
    assert!(error.to_string().contains("several customers share an email address"), "{error}");
    drop_database(&servers).await;
}

#[tokio::test]
async fn documents_without_an_address_do_not_stop_the_start_and_addresses_stay_unique() {
    let servers = Servers::new();
    for email in [None, None, Some(Bson::Null), Some(Bson::Null), Some(7.into())] {
        let mut user = doc! { "name": "Ada" };
        email.map(|email| user.insert("email", email));
        insert(&servers, user).await;
    }
    let world = World::embedded().await;
    for _ in 0..2 {
        let store = MongoStore::connect(&servers.mongodb).await.unwrap();
        match store.create(&world.new_customer("ada@x.test"), None, None).await {
            Ok(()) | Err(AddressError::EmailTaken) => {}
            Err(error) => panic!("{error:?}"),
        }
        assert!(!store.list(None, 9).await.unwrap().is_empty());
    }
    assert_eq!(servers.users().await.count_documents(doc! { "email": "ada@x.test" }).await.unwrap(), 1);
    insert(&servers, doc! { "name": "Bob" }).await;
    // A login reads one document, by the index.
    let plan =
        doc! { "explain": { "find": "users", "filter": { "email": "ada@x.test" } }, "verbosity": "executionStats" };
    let shop = servers.users().await.client().database(&servers.database);
    let plan = shop.run_command(plan).await.unwrap();
    let read = plan.get_document("executionStats").unwrap().get_i32("totalDocsExamined").unwrap();
    assert_eq!(read, 1, "{plan}");
    drop_database(&servers).await;
}

#[tokio::test]
async fn a_unique_index_of_the_shop_for_text_only_is_kept_and_used() {
    let servers = Servers::new();
    let users = servers.users().await;
    let filter = doc! { "email": { "$type": "string" } };
    let options = IndexOptions::builder().unique(true).partial_filter_expression(filter).build();
    users.create_index(IndexModel::builder().keys(doc! { "email": 1 }).options(options).build()).await.unwrap();
    for _ in 0..2 {
        insert(&servers, doc! { "name": "Ada" }).await;
    }
    let store = MongoStore::connect(&servers.mongodb).await.unwrap();
    assert_eq!(users.list_index_names().await.unwrap(), ["_id_", "email_1", "doorstep_outbox"]);
    insert(&servers, doc! { "name": "Ada", "email": "ada@x.test", "password": HASH }).await;
    assert!(find(&store, "ada@x.test").await.unwrap().is_some());
    drop_database(&servers).await;
}

#[tokio::test]
async fn an_import_of_an_export_makes_an_address_that_was_stored_as_typed_usable() {
    let servers = Servers::new();
    let typed = [" Ada@X.test", "bob@bücher.example", "jose\u{301}@x.test", "\u{200b}eve@x.test"];
    for email in typed {
        insert(&servers, doc! { "name": "Ada", "email": email, "password": HASH, "cart": 7 }).await;
    }
    let survey = MongoStore::survey(&servers.mongodb).await.unwrap();
    assert!(survey.warnings.iter().any(|warning| warning.starts_with("4 customers cannot log in")), "{survey:?}");
    let (uri, world) = (servers.mongodb.clone(), World::on(servers).await);
    let mut archive = Vec::new();
    world.archivist().export(&mut archive).await.unwrap();
    let found = async |email| world.customers.find_credentials(&EmailAddress::parse(email).unwrap()).await.unwrap();
    for email in typed {
        assert!(found(email).await.is_none(), "{email}");
    }
    for _ in 0..2 {
        world.archivist().import(&mut &archive[..]).await.unwrap();
        for email in typed {
            assert_eq!(found(email).await.unwrap().password.expose(), HASH, "{email}");
        }
    }
    assert_eq!(MongoStore::survey(&uri).await.unwrap().warnings, Vec::<String>::new());
    world.close().await;
}

#[tokio::test]
async fn r1_an_index_that_does_not_keep_addresses_unique_is_refused_at_the_start() {
    let servers = Servers::new();
    let index = IndexModel::builder().keys(doc! { "email": 1 }).build();
    servers.users().await.create_index(index).await.unwrap();
    let error = MongoStore::connect(&servers.mongodb).await.err().unwrap();
    assert!(error.to_string().contains("its index on email is not unique"), "{error}");
    drop_database(&servers).await;
}

#[tokio::test]
async fn g2_the_password_in_the_uri_is_in_no_error() {
    let server = url::Url::parse(&Servers::new().mongodb).unwrap();
    let server = format!("{}:{}", server.host_str().unwrap(), server.port().unwrap());
    for uri in [
        "mongodb://ada:canary@127.0.0.1:1/shop".to_owned(),
        "mongodb://ada:canary@127.0.0.1:port/shop".to_owned(),
        "mongodb://ada:canary:canary@127.0.0.1/shop".to_owned(),
        "mongodb://ada:canary%@127.0.0.1/shop".to_owned(),
        "mongodb://ada:canary@127.0.0.1/shop?authMechanism=canary".to_owned(),
        "mongodb+srv://ada:canary@localhost/shop".to_owned(),
        "canary".to_owned(),
        // This user does not exist, and the server has no TLS.
        format!("mongodb://ada:canary@{server}/shop"),
        format!("mongodb://ada:canary@{server}/shop?tls=true"),
    ] {
        let error = MongoStore::connect(&uri).await.err().unwrap();
        let texts = texts(&error);
        assert!(!texts.contains("canary"), "{texts}");
    }
}

async fn new() -> (Servers, MongoStore) {
    let servers = Servers::new();
    let store = MongoStore::connect(&servers.mongodb).await.unwrap();
    (servers, store)
}

async fn insert(servers: &Servers, user: Document) -> Bson {
    servers.users().await.insert_one(user).await.unwrap().inserted_id
}

async fn only_user(servers: &Servers) -> Document {
    assert_eq!(servers.users().await.count_documents(doc! {}).await.unwrap(), 1);
    servers.users().await.find_one(doc! {}).await.unwrap().unwrap()
}

async fn find(store: &MongoStore, email: &str) -> Result<Option<doorstep::accounts::ports::Credentials>, StoreError> {
    store.find_credentials(&EmailAddress::parse(email).unwrap()).await
}

fn millis(millis: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).unwrap()
}
