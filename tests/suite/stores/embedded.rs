//! Properties of the embedded store only.

use std::{collections::HashMap, error::Error, fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Instant};

use doorstep::{
    accounts::{
        Session,
        ports::{AddressError, AttemptLimits, Clock, Customers, LimitKey, Sessions, StoreError, StoreName},
    },
    adapters::embedded::Embedded,
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use time::Duration;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};

use super::harness::{ONCE, World, attempt, token};
use crate::support::{FakeClock, eventually};

async fn open(folder: &Path) -> Result<Embedded, StoreError> {
    Embedded::open(folder, Arc::new(FakeClock::new())).await
}

#[tokio::test]
async fn its_folder_and_files_are_accessible_only_to_this_user() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("shop/data");
    let store = open(&folder).await.unwrap();
    store.create_customer("ada@x.test").await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.contains(&folder.join("doorstep.db")));
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn an_acknowledged_customer_is_stored_after_the_program_was_killed() {
    let [folder, copy] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let store = open(folder.path()).await.unwrap();
    let ada = store.create_customer("ada@x.test").await;
    // Copied while it is open, the files are like those of a killed program.
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let again = open(copy.path()).await.unwrap();
    assert_eq!(again.find_credentials(&ada.customer.email).await.unwrap().unwrap().customer, ada.customer);
}

#[tokio::test]
async fn it_can_be_closed_and_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let ada = store.create_customer("ada@x.test").await;
    store.close().await;
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "closing leaves one file");
    let store = open(folder.path()).await.unwrap();
    assert!(store.find_credentials(&ada.customer.email).await.unwrap().is_some());
}

#[tokio::test]
async fn two_programs_may_use_one_folder_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = tokio::join!(open(folder.path()), open(folder.path()));
    let (one, other) = (one.unwrap(), other.unwrap());
    let world = World::embedded().await;
    let writes = (0..50).map(|number| {
        let store = [&one, &other][number % 2].clone();
        let new = world.new_customer(&format!("{number}@x.test"));
        tokio::spawn(async move { Customers::create(&store, &new, None, None).await })
    });
    for write in writes.collect::<Vec<_>>() {
        write.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n30_while_another_program_writes_every_caller_is_answered_within_three_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let world = World::embedded().await;
    let options = SqliteConnectOptions::new().filename(folder.path().join("doorstep.db"));
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    // Some get the connection only after waiting for it, and then wait for the other program.
    let create = async |number: usize| {
        let new = world.new_customer(&format!("{number}@x.test"));
        let begun = Instant::now();
        let error = Customers::create(&store, &new, None, None).await.unwrap_err();
        assert!(matches!(error, AddressError::Store(StoreError::Unavailable { .. })), "{error}");
        begun.elapsed()
    };
    let waited = futures_util::future::join_all((0..40).map(create)).await;
    let longest = waited.into_iter().max().unwrap();
    assert!(longest < std::time::Duration::from_secs(3), "{longest:?}");
}

#[tokio::test]
async fn t8_sessions_and_customers_changed_by_another_program_are_noticed_within_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let (store, other) = (open(folder.path()).await.unwrap(), open(folder.path()).await.unwrap());
    let ada = store.create_customer("ada@x.test").await;
    let session = World::embedded().await.new_session();
    Sessions::create(&store, &session).await.unwrap();
    assert!(store.is_live(session.key, session.created_at).await.unwrap());
    assert_eq!(Customers::find(&store, ada.customer.id).await.unwrap(), Some(ada.customer.clone()));

    other.end(session.key).await.unwrap();
    let changed_at = ada.customer.updated_at + Duration::MINUTE;
    other.rehash_password(ada.customer.id, &ada.password, &ada.password, changed_at).await.unwrap();
    let ended = Instant::now();
    while store.is_live(session.key, session.created_at).await.unwrap() {
        assert!(ended.elapsed() < std::time::Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
    assert_eq!(Customers::find(&store, ada.customer.id).await.unwrap().unwrap().updated_at, changed_at);

    assert!(store.standing(ada.customer.id).await.unwrap().is_some());
    other.set_disabled(ada.customer.id, true, changed_at).await.unwrap();
    let disabled = Instant::now();
    while store.standing(ada.customer.id).await.unwrap().is_some() {
        assert!(disabled.elapsed() < std::time::Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_end_of_a_session_is_read_from_the_store_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let world = World::embedded().await;
    let [session, unread] = [world.new_session(), world.new_session()];
    for session in [&session, &unread] {
        Sessions::create(&store, session).await.unwrap();
    }
    let is_live = async |session: &Session| store.is_live(session.key, session.created_at).await;
    assert!(is_live(&session).await.unwrap());
    store.end(session.key).await.unwrap();
    assert!(!is_live(&session).await.unwrap());
    store.close().await;
    assert!(!is_live(&session).await.unwrap());
    assert!(is_live(&unread).await.is_err());
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    fs::write(&file, "").unwrap();
    let error = open(&file).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { store: StoreName::Embedded, .. }));
    assert!(error.source().unwrap().to_string().contains(file.to_str().unwrap()), "{error:?}");
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.unwrap().close().await;
    let mut file = connect(folder.path()).await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'of the future', TRUE, x'00', 0)",
    )
    .execute(&mut file)
    .await
    .unwrap();
    let error = open(folder.path()).await.unwrap_err();
    assert!(error.source().unwrap().to_string().contains("9999"), "{error:?}");
}

#[tokio::test]
async fn a_sweep_removes_only_expired_records() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let world = World::embedded().await;
    let now = world.clock.now();
    for number in 0..1200 {
        let expires_at = now + if number < 600 { Duration::ZERO } else { Duration::MILLISECOND };
        Sessions::create(&store, &Session { expires_at, token: token(0), ..world.new_session() }).await.unwrap();
    }
    for (address, at) in [([192, 0, 2, 1], now), ([192, 0, 2, 2], now - Duration::SECOND)] {
        store.reserve(&LimitKey::LogInFrom(address.into()), ONCE, attempt(), at).await.unwrap();
    }
    for expiry_date in [now, now + Duration::SECOND] {
        let mut record = Record { id: Id::default(), data: HashMap::default(), expiry_date };
        SessionStore::create(&store, &mut record).await.unwrap();
    }
    store.sweep(now).await.unwrap();
    let mut file = connect(folder.path()).await;
    for (table, left) in [("sessions", 600), ("limits", 1), ("attempts", 1), ("form_state", 1)] {
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut file).await.unwrap(), left, "{table}");
    }
}

#[tokio::test]
async fn the_state_of_a_form_that_has_expired_is_not_saved_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FakeClock::new());
    let store = Embedded::open(folder.path(), clock.clone()).await.unwrap();
    let expiry_date = clock.now() + Duration::SECOND;
    let mut record = Record { id: Id::default(), data: HashMap::default(), expiry_date };
    SessionStore::create(&store, &mut record).await.unwrap();
    clock.advance(Duration::SECOND);
    record.expiry_date += Duration::HOUR;
    store.save(&record).await.unwrap();
    assert_eq!(store.load(&record.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let ada = store.create_customer("ada@x.test").await;
    sqlx::query("UPDATE customers SET created_at = 9223372036854775807")
        .execute(&mut connect(folder.path()).await)
        .await
        .unwrap();
    let error = Customers::find(&store, ada.customer.id).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Corrupt { record, .. } if *record == ada.customer.id.to_string()),
        "{error:?}"
    );
}

#[tokio::test]
async fn n16_d5_without_its_file_the_store_acknowledges_nothing_and_goes_on_when_the_file_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let [file, away] = ["doorstep.db", "away"].map(|name| folder.path().join(name));
    let store = open(folder.path()).await.unwrap();
    let ada = store.create_customer("ada@x.test").await;
    fs::rename(&file, &away).unwrap();
    let eve = World::embedded().await.new_customer("eve@x.test");
    for _ in 0..2 {
        let refused = Customers::create(&store, &eve, None, None).await;
        assert!(matches!(refused, Err(AddressError::Store(StoreError::Unavailable { .. }))), "{refused:?}");
        assert!(Customers::ping(&store).await.is_err());
        assert!(store.find_credentials(&ada.customer.email).await.is_err());
    }
    fs::rename(&away, &file).unwrap();
    Customers::create(&store, &eve, None, None).await.unwrap();
    store.close().await;
    let again = open(folder.path()).await.unwrap();
    for customer in [&ada, &eve] {
        assert!(again.find_credentials(&customer.customer.email).await.unwrap().is_some());
    }
}

/// Copies the files on the disk, as a killed program leaves them, and opens the copy.
async fn open_copy(folder: &Path) -> (tempfile::TempDir, Result<Embedded, StoreError>) {
    let copy = tempfile::tempdir().unwrap();
    for name in ["doorstep.db", "doorstep.db-wal"] {
        if folder.join(name).exists() {
            fs::copy(folder.join(name), copy.path().join(name)).unwrap();
        }
    }
    let store = open(copy.path()).await;
    (copy, store)
}

#[tokio::test]
async fn n16_d5_what_is_acknowledged_after_the_log_was_removed_or_replaced_survives_the_program() {
    for is_replaced in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("doorstep.db-wal");
        let store = open(folder.path()).await.unwrap();
        let mut expected = vec![store.create_customer("ada@x.test").await];
        for email in ["eve@x.test", "bob@x.test"] {
            let content = fs::read(&log).unwrap();
            fs::remove_file(&log).unwrap();
            if is_replaced {
                fs::write(&log, &content[..content.len() / 2]).unwrap();
            }
            expected.push(store.create_customer(email).await);
            Customers::ping(&store).await.unwrap();
            let (_copy, again) = open_copy(folder.path()).await;
            for store in [&store, &again.unwrap()] {
                for customer in &expected {
                    let found = store.find_credentials(&customer.customer.email).await.unwrap();
                    assert!(found.is_some(), "{} is lost", customer.customer.email);
                }
            }
        }
    }
}

#[tokio::test]
async fn n16_d5_without_its_log_the_store_acknowledges_nothing_until_the_log_was_moved_into_the_file() {
    for comes_back in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let [log, away] = ["doorstep.db-wal", "away"].map(|name| folder.path().join(name));
        let store = open(folder.path()).await.unwrap();
        let ada = store.create_customer("ada@x.test").await;
        // Another program reads from the log, so that SQLite cannot move it.
        let mut reader = connect(folder.path()).await;
        sqlx::raw_sql("BEGIN; SELECT count(*) FROM customers").execute(&mut reader).await.unwrap();
        fs::rename(&log, &away).unwrap();
        let eve = World::embedded().await.new_customer("eve@x.test");
        for _ in 0..2 {
            let refused = Customers::create(&store, &eve, None, None).await;
            assert!(matches!(refused, Err(AddressError::Store(StoreError::Unavailable { .. }))), "{refused:?}");
            assert!(Customers::ping(&store).await.is_err());
            assert!(store.find_credentials(&ada.customer.email).await.unwrap().is_some(), "it can still be read");
        }
        // The part that could be moved is in the file.
        let (_copy, file) = open_copy(folder.path()).await;
        assert!(file.unwrap().find_credentials(&ada.customer.email).await.unwrap().is_some());

        if comes_back {
            fs::rename(&away, &log).unwrap();
        }
        sqlx::raw_sql("COMMIT").execute(&mut reader).await.unwrap();
        reader.close().await.unwrap();
        Customers::create(&store, &eve, None, None).await.unwrap();
        let is_ready = async || Customers::ping(&store).await.is_ok();
        eventually(std::time::Duration::from_secs(5), "it is not ready", is_ready).await;
        let (_copy, again) = open_copy(folder.path()).await;
        for customer in [&ada, &eve] {
            assert!(again.as_ref().unwrap().find_credentials(&customer.customer.email).await.unwrap().is_some());
        }
    }
}

#[tokio::test]
async fn n30_a_file_is_marked_for_as_long_as_it_needs_its_log() {
    const LIMIT: u64 = 4 * 1024 * 1024;
    let is_marked = async |folder: &Path| {
        let options = SqliteConnectOptions::new().filename(folder.join("doorstep.db")).immutable(true);
        let mut file = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query_scalar::<_, i64>("PRAGMA user_version").fetch_one(&mut file).await.unwrap() != 0
    };
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    assert!(is_marked(folder.path()).await);
    // More than the log may contain, so it is moved into the file.
    let typed = "typed into a form".repeat(300);
    let size = |name: &str| fs::metadata(folder.path().join(name)).unwrap().len();
    let mut file = connect(folder.path()).await;
    sqlx::raw_sql("PRAGMA wal_autocheckpoint = 0; BEGIN").execute(&mut file).await.unwrap();
    for number in 0..1200_u16 {
        let insert = sqlx::query("INSERT INTO form_state (id, data, expires_at) VALUES (?, ?, 9999999999999)");
        insert.bind(number.to_be_bytes().repeat(8)).bind(&typed).execute(&mut file).await.unwrap();
    }
    sqlx::raw_sql("COMMIT").execute(&mut file).await.unwrap();
    let is_moved = || size("doorstep.db") > LIMIT && size("doorstep.db-wal") <= LIMIT;
    eventually(std::time::Duration::from_secs(10), "the log grows", async || is_moved()).await;
    assert!(is_marked(folder.path()).await);
    file.close().await.unwrap();
    // A copy by another program is complete.
    let copy = tempfile::tempdir().unwrap();
    let path = copy.path().join("doorstep.db");
    sqlx::query("VACUUM INTO ?").bind(path.to_str().unwrap()).execute(&mut connect(folder.path()).await).await.unwrap();
    assert!(!is_marked(copy.path()).await);
    store.close().await;
    assert!(!is_marked(folder.path()).await);
}

async fn connect(folder: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(folder.join("doorstep.db"))).await.unwrap()
}

trait CreateCustomer {
    async fn create_customer(&self, email: &str) -> doorstep::accounts::ports::Credentials;
}

impl CreateCustomer for Embedded {
    async fn create_customer(&self, email: &str) -> doorstep::accounts::ports::Credentials {
        let new = World::embedded().await.new_customer(email);
        Customers::create(self, &new, None, None).await.unwrap();
        new
    }
}
