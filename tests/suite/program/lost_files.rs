//! Files of the embedded store that are removed, replaced or incomplete while programs use it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use super::{
    Serving,
    moving::{change, did, names, refused, sign_bob_up},
    run,
};
use crate::support::eventually;

const SOON: Duration = Duration::from_secs(20);

fn data(folder: &Path, name: &str) -> PathBuf {
    folder.join("data").join(name)
}

fn list(folder: &Path) -> Output {
    run(folder, &["customers", "list"], &[])
}

fn is_ready(serving: &Serving) -> bool {
    serving.get("/readyz", "").starts_with("HTTP/1.1 200")
}

fn sign_up(serving: &Serving, email: &str) -> String {
    let body = format!(r#"{{"name":"Eve","email":"{email}","password":"seven tall herons"}}"#);
    serving.post("/api/auth/signup", "", &body).unwrap()
}

fn refuses(serving: &Serving) -> bool {
    sign_up(serving, "eve@x.test").starts_with("HTTP/1.1 503") && !is_ready(serving)
}

async fn open(file: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.unwrap()
}

/// A folder with a serving program, in which Ada signed up, a backup of that, and then Bob.
fn shop(log: &str) -> (TempDir, Serving) {
    let folder = TempDir::new().unwrap();
    let log = fs::File::create(folder.path().join(log)).unwrap();
    let serving = Serving::start_logging(folder.path(), &[("RATE_LIMITS", "off")], log);
    serving.sign_up();
    did(&run(folder.path(), &["backup", "shop.db"], &[]));
    sign_bob_up(&serving);
    (folder, serving)
}

#[test]
fn n30_a_restore_refuses_a_file_that_was_copied_without_its_log() {
    let (folder, serving) = shop("log");
    let copy = TempDir::new().unwrap();
    fs::copy(data(folder.path(), "doorstep.db"), copy.path().join("copy.db")).unwrap();
    for _ in 0..2 {
        let said = refused(&run(folder.path(), &["restore", copy.path().join("copy.db").to_str().unwrap()], &[]));
        assert!(said.contains("copied without its log"), "{said}");
    }
    assert!(did(&list(folder.path())).contains("bob@x.test"));
    fs::copy(data(folder.path(), "doorstep.db"), copy.path().join("pair.db")).unwrap();
    fs::copy(data(folder.path(), "doorstep.db-wal"), copy.path().join("pair.db-wal")).unwrap();
    did(&run(copy.path(), &["restore", "pair.db"], &[]));
    assert!(did(&list(copy.path())).contains("bob@x.test"));
    drop(serving);
}

#[test]
fn drafts_of_a_killed_restore_are_removed_once_no_program_has_the_store_open() {
    let (folder, serving) = shop("log");
    let drafts = ["doorstep.db.restore.7-0.draft", "doorstep.db.restore.7-0.draft-wal", "doorstep.db.7-1.draft"];
    for draft in drafts {
        fs::copy(folder.path().join("shop.db"), data(folder.path(), draft)).unwrap();
    }
    // It may be of a restore that is running.
    did(&list(folder.path()));
    assert!(drafts.iter().all(|draft| data(folder.path(), draft).exists()));
    drop(serving);
    let said = did(&run(folder.path(), &["customers", "disable", "bob@x.test"], &[]));
    assert!(said.contains("removed drafts"), "{said}");
    assert!(!drafts.iter().any(|draft| data(folder.path(), draft).exists()));
    assert!(folder.path().join("shop.db").exists());
}

#[tokio::test]
async fn n16_d5_a_file_that_replaces_the_one_in_use_is_not_touched() {
    for is_killed in [false, true] {
        let (folder, mut serving) = shop("log");
        let [new, file] = [folder.path().join("shop.db"), data(folder.path(), "doorstep.db")];
        let content = fs::read(&new).unwrap();
        fs::rename(&file, folder.path().join("old.db")).unwrap();
        fs::rename(&new, &file).unwrap();
        eventually(SOON, "it does not refuse", async || refuses(&serving)).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(refuses(&serving));
        refused(&list(folder.path()));
        assert!(fs::read(&file).unwrap() == content, "the new file was changed");

        // The old file comes back.
        fs::rename(&file, &new).unwrap();
        fs::rename(folder.path().join("old.db"), &file).unwrap();
        eventually(SOON, "it is not ready", async || is_ready(&serving)).await;
        assert!(sign_up(&serving, "kim@x.test").starts_with("HTTP/1.1 201"));
        let logged = fs::read_to_string(folder.path().join("log")).unwrap();
        assert!(logged.contains("doorstep.db was removed or replaced") && logged.contains("served again"), "{logged}");

        fs::rename(&file, folder.path().join("old.db")).unwrap();
        fs::rename(&new, &file).unwrap();
        eventually(SOON, "it does not refuse", async || refuses(&serving)).await;
        if is_killed {
            serving.kill();
        }
        serving.terminate();
        let said = refused(&list(folder.path()));
        assert!(said.contains("belongs to the replaced file"), "{said}");
        assert!(fs::read(&file).unwrap() == content, "the new file was changed");
        fs::remove_file(data(folder.path(), "doorstep.db-wal")).unwrap();
        let listed = did(&list(folder.path()));
        assert!(listed.contains("ada@x.test") && !listed.contains("bob@x.test"), "{listed}");
    }
}

#[tokio::test]
async fn n16_d5_without_its_index_the_store_is_opened_by_no_other_program_and_loses_nothing() {
    let (folder, mut serving) = shop("log");
    fs::remove_file(data(folder.path(), "doorstep.db-shm")).unwrap();
    let said = refused(&list(folder.path()));
    assert!(said.contains("while another process has the store open"), "{said}");
    eventually(SOON, "it does not refuse", async || refuses(&serving)).await;
    assert_eq!(serving.terminate(), Some(0));
    assert!(did(&list(folder.path())).contains("bob@x.test"));
    assert_eq!(names(&folder.path().join("data")), ["doorstep.db", "secret.key"]);
}

#[tokio::test]
async fn n16_d5_a_lost_log_is_saved_only_once_no_other_program_has_the_store_open() {
    let (folder, serving) = shop("log");
    let mut other = Serving::start(folder.path(), &[("RATE_LIMITS", "off")]);
    fs::remove_file(data(folder.path(), "doorstep.db-wal")).unwrap();
    eventually(SOON, "it does not refuse", async || refuses(&serving) && refuses(&other)).await;
    refused(&list(folder.path()));
    let logged = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(logged.contains("while several processes have the store open"), "{logged}");
    assert_eq!(other.terminate(), Some(0));
    eventually(SOON, "it is not ready", async || is_ready(&serving)).await;
    assert!(sign_up(&serving, "eve@x.test").starts_with("HTTP/1.1 201"));
    let listed = did(&list(folder.path()));
    assert!(["ada@x.test", "bob@x.test", "eve@x.test"].iter().all(|email| listed.contains(email)), "{listed}");
}

#[tokio::test]
async fn n30_a_program_that_was_killed_while_it_marked_the_file_leaves_a_complete_store() {
    for command in [&["backup", "shop.db"][..], &["customers", "list"]] {
        let folder = TempDir::new().unwrap();
        did(&run(folder.path(), &["migrate"], &[]));
        // Its connection is still open while the files are copied, as after a kill.
        let file = data(folder.path(), "doorstep.db");
        let mut killed = open(&file).await;
        sqlx::raw_sql("PRAGMA user_version = 1").execute(&mut killed).await.unwrap();
        let copy = TempDir::new().unwrap();
        fs::create_dir(copy.path().join("data")).unwrap();
        for name in ["doorstep.db", "doorstep.db-wal"] {
            fs::copy(data(folder.path(), name), data(copy.path(), name)).unwrap();
        }
        did(&run(copy.path(), command, &[]));
        assert!(!names(&copy.path().join("data")).contains(&"doorstep.db-wal".to_owned()));
        did(&list(copy.path()));
    }
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_named() {
    let folder = TempDir::new().unwrap();
    did(&run(folder.path(), &["migrate"], &[]));
    let newer = "UPDATE _sqlx_migrations SET version = 9999 WHERE version = 10";
    change(&data(folder.path(), "doorstep.db"), newer).await;
    for command in [&["serve"][..], &["customers", "list"], &["migrate"], &["migrate", "--dry-run"]] {
        let said = refused(&run(folder.path(), command, &[]));
        assert!(said.contains("written by a newer version of Doorstep"), "{command:?}: {said}");
    }
}
