//! Moving a shop's data: backup and restore, and from one store to another, while the program serves or is killed.

use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use sqlx::{Connection, SqliteConnection, migrate::Migrator, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use super::{KEY, Serving, program, run};
use crate::{
    servers::Servers,
    stores::harness::drop_database,
    support::{eventually, folder},
};

const SOON: Duration = Duration::from_secs(30);

/// The files of a store that a program has open.
const STORE_IN_USE: [&str; 5] = ["doorstep.db", "doorstep.db-shm", "doorstep.db-wal", "doorstep.db.lock", "secret.key"];

pub(super) fn did(output: &Output) -> String {
    let said = String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

pub(super) fn refused(output: &Output) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    said
}

fn logs_in(serving: &Serving, email: &str) -> bool {
    let body = format!(r#"{{"email":"{email}","password":"seven tall herons"}}"#);
    let answer = serving.post("/api/auth/login", "", &body).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.1 401"), "{answer}");
    answer.starts_with("HTTP/1.1 200")
}

fn is_signed_in(serving: &Serving, cookies: &str) -> bool {
    serving.get("/api/auth/profile", cookies).starts_with("HTTP/1.1 200")
}

pub(super) fn sign_bob_up(serving: &Serving) {
    let body = r#"{"name":"Bob","email":"bob@x.test","password":"seven tall herons"}"#;
    assert!(serving.post("/api/auth/signup", "", body).unwrap().starts_with("HTTP/1.1 201"));
}

/// Returns the names of the files in a folder.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

async fn open(file: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file).create_if_missing(true)).await.unwrap()
}

pub(super) async fn change(file: &Path, statement: &'static str) {
    let mut store = open(file).await;
    sqlx::raw_sql(statement).execute(&mut store).await.unwrap();
    store.close().await.unwrap();
}

#[tokio::test]
async fn t8_a_backup_brings_customers_back_while_the_program_serves_and_no_session() {
    let folder = folder();
    let serving = Serving::start(folder.path(), &[("RATE_LIMITS", "off")]);
    let cookies = serving.sign_up().join("; ");
    did(&run(folder.path(), &["backup", "shop.db"], &[]));
    let backup = folder.path().join("shop.db");
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    sign_bob_up(&serving);

    let before = fs::read(&backup).unwrap();
    let said = refused(&run(folder.path(), &["backup", "shop.db"], &[]));
    assert!(said.contains("shop.db already exists"), "{said}");
    assert_eq!(fs::read(&backup).unwrap(), before);
    assert_eq!(names(folder.path()), ["data", "shop.db"]);
    assert!(is_signed_in(&serving, &cookies) && logs_in(&serving, "bob@x.test"));

    did(&run(folder.path(), &["restore", "shop.db"], &[]));
    eventually(SOON, "her session is still there", async || !is_signed_in(&serving, &cookies)).await;
    assert!(!logs_in(&serving, "bob@x.test"));
    assert!(logs_in(&serving, "ada@x.test"));
    assert_eq!(names(&folder.path().join("data")), STORE_IN_USE);
    assert_eq!(fs::read(&backup).unwrap(), before);
}

#[test]
fn a_backup_in_the_data_folder_does_not_block_a_restore() {
    let folder = folder();
    Serving::start(folder.path(), &[]).sign_up();
    did(&run(folder.path(), &["backup", "data/restored.db"], &[]));
    did(&run(folder.path(), &["restore", "data/restored.db"], &[]));
    assert!(did(&run(folder.path(), &["customers", "list"], &[])).contains("ada@x.test"));
    assert_eq!(names(&folder.path().join("data")), ["doorstep.db", "restored.db", "secret.key"]);
}

#[tokio::test]
async fn a_restore_that_fails_leaves_the_store_usable() {
    let folder = folder();
    Serving::start(folder.path(), &[]).sign_up();
    did(&run(folder.path(), &["backup", "other.db"], &[]));
    change(&folder.path().join("other.db"), "ALTER TABLE customers DROP COLUMN language").await;
    for _ in 0..5 {
        let said = refused(&run(folder.path(), &["restore", "other.db"], &[]));
        assert!(said.contains("language"), "{said}");
    }
    assert!(did(&run(folder.path(), &["customers", "list"], &[])).contains("ada@x.test"));
}

#[tokio::test]
async fn an_export_names_a_customer_that_it_leaves_out() {
    let folder = folder();
    let serving = Serving::start(folder.path(), &[("RATE_LIMITS", "off")]);
    serving.sign_up();
    sign_bob_up(&serving);
    drop(serving);
    let shown = did(&run(folder.path(), &["customers", "show", "bob@x.test"], &[]));
    let id = shown.split_whitespace().find(|word| word.len() == 24 && word.bytes().all(|b| b.is_ascii_hexdigit()));
    // An archive has no form for a year before 0.
    let early = "UPDATE customers SET created_at = -62200000000000 WHERE email = 'bob@x.test'";
    change(&folder.path().join("data/doorstep.db"), early).await;
    let said = refused(&run(folder.path(), &["export", "shop.jsonl"], &[]));
    assert!(said.contains(id.unwrap()) && said.contains("cannot be read: 1"), "{said}");
    assert!(fs::read_to_string(folder.path().join("shop.jsonl")).unwrap().contains("ada@x.test"));
}

#[tokio::test]
async fn a_file_that_is_no_backup_is_refused_and_nothing_changes() {
    let folder = folder();
    let serving = Serving::start(folder.path(), &[]);
    let cookies = serving.sign_up().join("; ");
    did(&run(folder.path(), &["backup", "shop.db"], &[]));
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let whole = fs::read(folder.path().join("shop.db")).unwrap();
    file("garbage", &[0xa5; 9000]);
    file("empty", b"");
    file("half", &whole[..whole.len() / 2]);
    let mut holed = whole.clone();
    holed[4096..8192].fill(0xff);
    file("holed", &holed);
    change(&file("foreign", b""), "CREATE TABLE customers (id TEXT); CREATE VIEW _sqlx_migrations AS SELECT 1").await;
    change(&file("newer", &whole), "UPDATE _sqlx_migrations SET version = 9999 WHERE version = 10").await;
    change(&file("altered", &whole), "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1").await;
    change(&file("other", &whole), "ALTER TABLE customers DROP COLUMN language").await;
    for (name, reason) in [
        ("nowhere", "nowhere: No such file"),
        ("data", "data: not a file"),
        ("garbage", "not a Doorstep store"),
        ("empty", "not a Doorstep store"),
        ("half", "damaged"),
        ("holed", "damaged"),
        ("foreign", "not a Doorstep store"),
        ("newer", "newer version"),
        ("altered", "not a Doorstep store"),
        ("other", "language"),
    ] {
        let said = refused(&run(folder.path(), &["restore", name], &[]));
        assert!(said.contains(reason), "{name}: {said}");
    }
    // From the disk, not from the running server's cache.
    let sessions = run(folder.path(), &["customers", "sessions", "ada@x.test", "--json"], &[]);
    assert_eq!(String::from_utf8(sessions.stdout).unwrap().lines().count(), 1);
    assert!(is_signed_in(&serving, &cookies));
    assert_eq!(names(&folder.path().join("data")), STORE_IN_USE);
}

#[tokio::test]
async fn a_backup_of_an_older_version_is_restored_even_where_there_is_nothing() {
    let folder = folder();
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/adapters/embedded/migrations");
    let older = folder.path().join("older");
    fs::create_dir(&older).unwrap();
    for name in names(&migrations).iter().filter(|name| name.as_str() < "0004") {
        fs::copy(migrations.join(name), older.join(name)).unwrap();
    }
    let mut store = open(&folder.path().join("old.db")).await;
    Migrator::new(older.as_path()).await.unwrap().run(&mut store).await.unwrap();
    store.close().await.unwrap();
    let ada = "INSERT INTO customers VALUES (x'65a000000000000000000001', 'Ada', 'ada@x.test', '', 'admin', 1, 2)";
    change(&folder.path().join("old.db"), ada).await;
    let said = did(&run(folder.path(), &["restore", "old.db"], &[]));
    assert!(said.contains("secret.key is missing"), "{said}");
    let archive = did(&run(folder.path(), &["export"], &[]));
    assert!(archive.contains("65a000000000000000000001"), "{archive}");
}

#[test]
fn backups_without_an_embedded_store_say_what_to_do_and_create_nothing() {
    let folder = TempDir::new().unwrap();
    let servers = [("MONGODB_URI", "mongodb://u:hunter2@x"), ("REDIS_URL", "redis://:hunter2@x"), ("SECRET_KEY", KEY)];
    for command in ["backup", "restore"] {
        let said = refused(&run(folder.path(), &[command, "shop.db"], &servers));
        assert!(said.contains("mongodump") && said.lines().count() == 1 && !said.contains("hunter2"), "{said}");
    }
    let said = refused(&run(folder.path(), &["backup", "shop.db"], &[]));
    assert!(said.contains("no store at data/doorstep.db"), "{said}");
    assert!(names(folder.path()).is_empty());
}

#[tokio::test]
async fn a_shop_moves_from_the_embedded_store_to_servers_and_its_customers_log_in() {
    let [old, new] = [folder(), folder()];
    let servers = Servers::new();
    let serving = Serving::start(old.path(), &[("SECRET_KEY", KEY)]);
    serving.sign_up();
    sign_bob_up(&serving);
    drop(serving);
    did(&run(old.path(), &["export", "shop.jsonl"], &[]));
    let archive = old.path().join("shop.jsonl");
    assert_eq!(fs::metadata(&archive).unwrap().permissions().mode() & 0o777, 0o600);
    refused(&run(old.path(), &["export", "shop.jsonl"], &[]));

    let variables = [
        ("MONGODB_URI", servers.mongodb.as_str()),
        ("REDIS_URL", &servers.redis),
        ("SECRET_KEY", KEY),
        ("RATE_LIMITS", "off"),
    ];
    did(&run(new.path(), &["import", archive.to_str().unwrap()], &variables));
    let serving = Serving::start(new.path(), &variables);
    assert!(logs_in(&serving, "ada@x.test") && logs_in(&serving, "bob@x.test"));
    let back = run(new.path(), &["export", "-"], &variables).stdout;
    drop(serving);

    let target = folder();
    let mut import = program(target.path()).arg("import").stdin(Stdio::piped()).spawn().unwrap();
    import.stdin.take().unwrap().write_all(&back).unwrap();
    assert!(import.wait().unwrap().success());
    let serving = Serving::start(target.path(), &[("SECRET_KEY", KEY)]);
    assert!(logs_in(&serving, "ada@x.test") && logs_in(&serving, "bob@x.test"));
    drop_database(&servers).await;
}

/// Creates an archive of this many customers in this folder.
fn many(folder: &Path, customers: u32) -> PathBuf {
    let times = r#""createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z""#;
    let customer = |number| {
        let names = format!(r#""id":"{number:024x}","name":"Ada","email":"{number}@x.test""#);
        format!(r#"{{"kind":"customer",{names},"password":"$2b$04$x","role":"customer",{times}}}"#)
    };
    let first = r#"{"kind":"doorstep","version":1}"#.to_owned();
    let last = format!(r#"{{"kind":"end","records":{customers}}}"#);
    let lines: Vec<String> = [first].into_iter().chain((0..customers).map(customer)).chain([last]).collect();
    let path = folder.join("many.jsonl");
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    path
}

#[tokio::test]
async fn an_import_that_was_killed_is_run_again_and_ends_the_same() {
    const CUSTOMERS: u32 = 3500;
    let servers = Servers::new();
    let on_servers = [("MONGODB_URI", servers.mongodb.as_str()), ("REDIS_URL", &servers.redis), ("SECRET_KEY", KEY)];
    for variables in [&[] as &[_], &on_servers] {
        let folder = folder();
        let archive = many(folder.path(), CUSTOMERS);
        let content = fs::read(&archive).unwrap();
        let import = program(folder.path()).arg("import").envs(variables.iter().copied()).stdin(Stdio::piped()).spawn();
        let mut import = import.unwrap();
        // It waits for more input in the middle of a batch.
        let mut stdin = import.stdin.take().unwrap();
        stdin.write_all(&content[..content.len() / 4 * 3]).unwrap();
        let there = async || {
            let exported = run(folder.path(), &["export"], variables).stdout;
            String::from_utf8(exported).unwrap().lines().filter(|line| line.contains("\"customer\"")).count()
        };
        eventually(SOON, "nothing was written", async || there().await > 0).await;
        import.kill().unwrap();
        import.wait().unwrap();
        let some = there().await;
        assert!(some > 0 && some < CUSTOMERS as usize, "{some}");
        for _ in 0..2 {
            did(&run(folder.path(), &["import", archive.to_str().unwrap()], variables));
            let exported = run(folder.path(), &["export"], variables).stdout;
            assert_eq!(String::from_utf8(exported).unwrap(), String::from_utf8(content.clone()).unwrap());
        }
    }
    drop_database(&servers).await;
}

#[test]
fn an_import_says_which_line_it_cannot_read_or_leaves_out_and_fails() {
    let folder = TempDir::new().unwrap();
    let archive = fs::read_to_string(many(folder.path(), 3)).unwrap();
    let import = |archive: String| {
        fs::write(folder.path().join("changed.jsonl"), archive).unwrap();
        refused(&run(folder.path(), &["import", "changed.jsonl"], &[]))
    };
    let said = import(archive.replace("\"2@x.test\"", "\"1@x.test\""));
    assert!(
        said.contains("line=4") && said.contains("skipped because another customer has their address: 1"),
        "{said}"
    );
    let said = import(archive[..archive.len() / 2].to_owned());
    assert!(said.contains("line 3"), "{said}");
    let said = import("something else".to_owned());
    assert!(said.contains("line 1: this is no archive of Doorstep"), "{said}");
    refused(&run(folder.path(), &["import", "nowhere.jsonl"], &[]));
}

#[test]
fn a1_an_export_that_is_imported_again_does_not_let_a_disabled_customer_in() {
    let folder = TempDir::new().unwrap();
    let serving = Serving::start(folder.path(), &[("RATE_LIMITS", "off")]);
    serving.sign_up();
    sign_bob_up(&serving);
    did(&run(folder.path(), &["export", "shop.jsonl"], &[]));
    did(&run(folder.path(), &["customers", "disable", "ada@x.test"], &[]));
    let said = did(&run(folder.path(), &["import", "shop.jsonl"], &[]));
    assert!(said.contains("newer records") && said.contains("customers=1"), "{said}");
    assert!(!logs_in(&serving, "ada@x.test"));
    assert!(logs_in(&serving, "bob@x.test"));
    let archive = fs::read_to_string(folder.path().join("shop.jsonl")).unwrap();
    fs::write(folder.path().join("root.jsonl"), archive.replacen(r#""role":"customer""#, r#""role":"root""#, 1))
        .unwrap();
    let said = refused(&run(folder.path(), &["import", "root.jsonl"], &[]));
    assert!(said.contains("line=3") && said.contains("the field role is invalid"), "{said}");
    assert!(said.contains("customers skipped because a field is invalid: 1"), "{said}");
}

#[test]
fn n27_a_customer_whose_stored_name_is_refused_today_moves_with_a_cleaned_one() {
    let folder = TempDir::new().unwrap();
    let archive = fs::read_to_string(many(folder.path(), 1)).unwrap();
    let (before, rest) = archive.split_once(r#""name":""#).unwrap();
    let (_, after) = rest.split_once('"').unwrap();
    let older = format!(r#"{before}"name":"Ada\nL."{after}"#);
    fs::write(folder.path().join("older.jsonl"), &older).unwrap();
    did(&run(folder.path(), &["import", "older.jsonl"], &[]));
    let exported = run(folder.path(), &["export"], &[]).stdout;
    assert!(String::from_utf8(exported).unwrap().contains(r#""name":"Ada L.""#));
}

#[test]
fn n30_an_archive_that_an_editor_of_windows_saved_is_imported() {
    let [old, new] = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    Serving::start(old.path(), &[]).sign_up();
    did(&run(old.path(), &["export", "shop.jsonl"], &[]));
    let archive = fs::read_to_string(old.path().join("shop.jsonl")).unwrap();
    let import = |content: String| {
        fs::write(new.path().join("shop.jsonl"), content).unwrap();
        run(new.path(), &["import", "shop.jsonl"], &[])
    };
    for content in [
        format!("{archive}\n"),
        format!("{archive}\r\n \r\n\n"),
        archive.replace('\n', "\r\n"),
        format!("\u{feff}{}", archive.replace('\n', "\r\n")),
        archive.trim_end().to_owned(),
    ] {
        assert!(did(&import(content)).contains("imported"));
    }
    assert!(refused(&import(format!("{archive}\nsomething else\n"))).contains("something follows the end"));
}

#[test]
fn n30_a_store_that_was_copied_without_its_secret_is_not_served_with_another() {
    let [old, new] = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let mut serving = Serving::start(old.path(), &[]);
    let cookies = serving.sign_up().join("; ");
    assert_eq!(serving.terminate(), Some(0));
    let data = |folder: &TempDir, name: &str| folder.path().join("data").join(name);
    fs::create_dir(new.path().join("data")).unwrap();
    fs::copy(data(&old, "doorstep.db"), data(&new, "doorstep.db")).unwrap();
    for command in [&["keys", "list"][..], &["serve"]] {
        let said = refused(&run(new.path(), command, &[]));
        assert!(said.contains("data/secret.key") && said.contains("SECRET_KEY"), "{said}");
    }
    assert!(!names(&new.path().join("data")).contains(&"secret.key".to_owned()), "none is made");

    fs::copy(data(&old, "secret.key"), data(&new, "secret.key")).unwrap();
    let mut serving = Serving::start(new.path(), &[]);
    assert!(is_signed_in(&serving, &cookies));
    assert_eq!(serving.terminate(), Some(0));
    // If it is lost, the operator has to choose a new one explicitly.
    fs::remove_file(data(&new, "secret.key")).unwrap();
    let serving = Serving::start(new.path(), &[("SECRET_KEY", KEY)]);
    assert!(!is_signed_in(&serving, &cookies) && logs_in(&serving, "ada@x.test"));
}

#[test]
fn n30_a_file_that_was_copied_without_its_log_is_not_served_as_an_empty_store() {
    let [old, new] = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let serving = Serving::start(old.path(), &[]);
    serving.sign_up();
    fs::create_dir(new.path().join("data")).unwrap();
    for name in ["doorstep.db", "secret.key"] {
        fs::copy(old.path().join("data").join(name), new.path().join("data").join(name)).unwrap();
    }
    for command in [&["customers", "list"][..], &["serve"]] {
        let said = refused(&run(new.path(), command, &[]));
        assert!(said.contains("doorstep.db-wal"), "{said}");
    }
    fs::copy(old.path().join("data/doorstep.db-wal"), new.path().join("data/doorstep.db-wal")).unwrap();
    assert!(did(&run(new.path(), &["customers", "list"], &[])).contains("ada@x.test"));
}

#[test]
fn t8_an_export_whose_output_is_closed_fails() {
    let folder = folder();
    Serving::start(folder.path(), &[]).sign_up();
    let shell = |command: &str| {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", command, env!("CARGO_BIN_EXE_doorstep")]).env_clear().current_dir(folder.path());
        let output = shell.env("LOG_FORMAT", "text").output().unwrap();
        (output.status.code(), did_say(&output))
    };
    for command in [
        "\"$0\" export >&-",
        "\"$0\" export - >&-",
        "\"$0\" export <&- >&-",
        "\"$0\" export /dev/full/x",
        "\"$0\" import <&-",
        "\"$0\" import - </dev/null",
    ] {
        let (code, said) = shell(command);
        assert_eq!(code, Some(1), "{command}: {said}");
        assert!(!said.trim().is_empty(), "{command}");
    }
    assert!(shell("\"$0\" export >&-").1.contains("the standard output is closed"));
    for command in ["\"$0\" export >/dev/null", "\"$0\" export | \"$0\" import", "\"$0\" customers list >&-"] {
        let (code, said) = shell(command);
        assert_eq!(code, Some(0), "{command}: {said}");
    }
}

/// Returns what a program printed.
fn did_say(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}
