//! An embedded store with a missing file, or no store at all.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

use super::{
    Serving,
    moving::{change, did, names, refused, sign_bob_up},
    run,
};

/// Every command that uses a store and does not read or create any other file here.
const COMMANDS: [&[&str]; 9] = [
    &["serve"],
    &["check-config"],
    &["migrate"],
    &["migrate", "--dry-run"],
    &["customers", "list"],
    &["customers", "disable", "ada@x.test"],
    &["keys", "list"],
    &["keys", "rotate"],
    &["export"],
];

/// Returns the files of a store in a program's folder.
fn content(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let data = folder.join("data");
    names(&data).into_iter().map(|name| (name.clone(), fs::read(data.join(name)).unwrap())).collect()
}

/// Copies files of a store into a new folder.
fn copied(from: &Path, files: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    for name in files {
        fs::copy(from.join("data").join(name), folder.path().join("data").join(name)).unwrap();
    }
    folder
}

fn list(folder: &Path) -> Output {
    run(folder, &["customers", "list"], &[])
}

#[test]
fn n30_a_log_without_its_file_is_refused_and_is_still_there_when_the_file_is_back() {
    let folder = TempDir::new().unwrap();
    let mut serving = Serving::start(folder.path(), &[]);
    serving.sign_up();
    serving.kill();
    serving.terminate();
    let [file, away] = ["data/doorstep.db", "away"].map(|name| folder.path().join(name));
    fs::rename(&file, &away).unwrap();
    for empty_file in [false, true] {
        if empty_file {
            fs::write(&file, "").unwrap();
        }
        let before = content(folder.path());
        for command in COMMANDS.iter().chain([&["backup", "shop.db"][..]].iter()) {
            let said = refused(&run(folder.path(), command, &[]));
            assert!(
                said.contains("data/doorstep.db-wal") && said.contains("put doorstep.db back"),
                "{command:?}: {said}"
            );
            assert!(content(folder.path()) == before, "{command:?} changed a file");
        }
    }
    fs::rename(&away, &file).unwrap();
    assert!(did(&list(folder.path())).contains("ada@x.test"));
}

#[test]
fn n30_a_command_that_needs_an_existing_store_creates_none() {
    let folder = TempDir::new().unwrap();
    for command in [
        &["customers", "list"][..],
        &["customers", "show", "ada@x.test"],
        &["customers", "disable", "ada@x.test"],
        &["customers", "enable", "ada@x.test"],
        &["customers", "role", "ada@x.test", "admin"],
        &["customers", "sessions", "ada@x.test"],
        &["customers", "sessions", "ada@x.test", "--end"],
        &["keys", "list"],
        &["export"],
        &["export", "shop.jsonl"],
        &["backup", "shop.db"],
    ] {
        let output = run(folder.path(), command, &[]);
        assert!(refused(&output).to_lowercase().contains("no store"), "{command:?}: {output:?}");
        assert!(output.stdout.is_empty() && names(folder.path()).is_empty(), "{command:?}");
    }
    did(&run(folder.path(), &["migrate"], &[]));
    assert!(refused(&run(folder.path(), &["keys", "list"], &[])).contains("No keys found"));
    assert_eq!(names(&folder.path().join("data")), ["doorstep.db"], "and no secret");
    did(&run(folder.path(), &["keys", "rotate"], &[]));
    for command in [
        &["customers", "list"][..],
        &["keys", "list"],
        &["export"],
        &["migrate"],
        &["migrate", "--dry-run"],
        &["check-config"],
    ] {
        did(&run(folder.path(), command, &[]));
        assert_eq!(names(&folder.path().join("data")), ["doorstep.db", "secret.key"], "{command:?} leaves a log");
    }
}

#[test]
fn n30_a_folder_that_cannot_be_read_is_not_an_empty_store() {
    let folder = TempDir::new().unwrap();
    for command in [
        &["check-config"][..],
        &["customers", "list"],
        &["keys", "list"],
        &["backup", "shop.db"],
        &["migrate", "--dry-run"],
    ] {
        let output = run(folder.path(), command, &[("DATA_DIR", "/dev/null/x")]);
        assert_eq!(output.status.code(), Some(1), "{command:?}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("/dev/null/x") && said.contains("Not a directory"), "{command:?}: {said}");
    }
}

/// Run as root, as in CI, this gives the store to another user first.
#[test]
fn n30_the_lock_file_belongs_to_the_owner_of_the_store_whichever_user_opens_it() {
    use std::os::unix::fs::{MetadataExt, chown};
    let folder = TempDir::new().unwrap();
    assert_eq!(Serving::start(folder.path(), &[]).terminate(), Some(0));
    let data = folder.path().join("data");
    for path in [data.clone(), data.join("doorstep.db")] {
        let _ = chown(path, Some(65_534), Some(65_534));
    }
    let mut serving = Serving::start(folder.path(), &[]);
    let [file, lock] = ["doorstep.db", "doorstep.db.lock"].map(|name| fs::metadata(data.join(name)).unwrap());
    assert_eq!((lock.uid(), lock.gid()), (file.uid(), file.gid()));
    assert_eq!(serving.terminate(), Some(0));
}

/// The user of the service could otherwise have root's commands change any file.
#[test]
fn n30_a_link_in_place_of_the_lock_file_is_refused_and_its_target_stays_as_it_was() {
    use std::os::unix::fs::{MetadataExt, chown, symlink};
    let folder = TempDir::new().unwrap();
    Serving::start(folder.path(), &[]).sign_up();
    let (data, target) = (folder.path().join("data"), folder.path().join("target"));
    for path in [data.clone(), data.join("doorstep.db")] {
        let _ = chown(path, Some(65_534), Some(65_534));
    }
    fs::write(&target, "as it was").unwrap();
    let owner = fs::metadata(&target).unwrap().uid();
    let lock = data.join("doorstep.db.lock");
    for is_symbolic in [true, false] {
        let _ = fs::remove_file(&lock);
        if is_symbolic {
            symlink(&target, &lock).unwrap();
        } else {
            fs::hard_link(&target, &lock).unwrap();
        }
        for command in [&["customers", "list"][..], &["keys", "rotate"], &["check-config"], &["backup", "shop.db"]] {
            let said = refused(&run(folder.path(), command, &[]));
            assert!(said.contains("doorstep.db.lock"), "{command:?}: {said}");
            let after = fs::metadata(&target).unwrap();
            assert_eq!((fs::read_to_string(&target).unwrap().as_str(), after.uid()), ("as it was", owner));
        }
    }
}

#[test]
fn n30_creating_an_empty_store_beside_an_existing_secret_is_logged() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/secret.key"), b"seven tall herons in the reeds!!").unwrap();
    let log = folder.path().join("log");
    for is_told in [true, false] {
        let mut serving = Serving::start_logging(folder.path(), &[], fs::File::create(&log).unwrap());
        assert_eq!(serving.terminate(), Some(0));
        let logged = fs::read_to_string(&log).unwrap();
        assert_eq!(logged.contains("creating an empty store"), is_told, "{logged}");
    }
}

#[test]
fn n30_a_file_that_was_copied_without_its_log_is_refused_in_any_run() {
    let folder = TempDir::new().unwrap();
    let [alone, with_log] = [&["doorstep.db", "secret.key"][..], &["doorstep.db", "doorstep.db-wal", "secret.key"]];
    let is_refused = || {
        let copy = copied(folder.path(), alone);
        let before = content(copy.path());
        for command in COMMANDS.iter().chain([&["backup", "shop.db"][..]].iter()) {
            let said = refused(&run(copy.path(), command, &[]));
            assert!(said.contains("copied without doorstep.db-wal"), "{command:?}: {said}");
            assert!(content(copy.path()) == before, "{command:?} changed a file");
        }
    };
    let listed = |files: &[&str]| did(&list(copied(folder.path(), files).path()));
    let mut serving = Serving::start(folder.path(), &[]);
    serving.sign_up();
    is_refused();
    assert_eq!(serving.terminate(), Some(0));
    assert!(listed(alone).contains("ada@x.test"), "a file that is complete is refused");

    let mut serving = Serving::start(folder.path(), &[]);
    is_refused();
    sign_bob_up(&serving);
    is_refused();
    did(&list(folder.path()));
    is_refused();
    serving.kill();
    serving.terminate();
    is_refused();
    assert!(listed(with_log).contains("bob@x.test"));

    let mut serving = Serving::start(folder.path(), &[]);
    is_refused();
    assert_eq!(serving.terminate(), Some(0));
    assert!(listed(alone).contains("bob@x.test"));
    // The operator can confirm that the half is all there is.
    let mut serving = Serving::start(folder.path(), &[]);
    let copy = copied(folder.path(), alone);
    fs::write(copy.path().join("data/doorstep.db-wal"), "").unwrap();
    assert!(did(&list(copy.path())).contains("ada@x.test"));
    assert_eq!(serving.terminate(), Some(0));
}

#[tokio::test]
async fn n30_a_complete_copy_of_a_store_is_not_taken_for_an_incomplete_one() {
    let folder = TempDir::new().unwrap();
    let mut serving = Serving::start(folder.path(), &[]);
    serving.sign_up();
    let copy = copied(folder.path(), &["secret.key"]);
    did(&run(folder.path(), &["backup", copy.path().join("data/doorstep.db").to_str().unwrap()], &[]));
    assert!(did(&list(copy.path())).contains("ada@x.test"), "a backup is refused");
    serving.kill();
    serving.terminate();
    // Another program closes the store, and SQLite moves the log into the file.
    change(&folder.path().join("data/doorstep.db"), "DELETE FROM form_state").await;
    assert!(!names(&folder.path().join("data")).contains(&"doorstep.db-wal".to_owned()));
    assert!(did(&list(folder.path())).contains("ada@x.test"));
}

/// Runs the program with a file size limit of this many blocks of 512 bytes.
fn run_with_small_files(folder: &Path, arguments: &[&str], blocks: u32) -> Output {
    let limit = format!("ulimit -S -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &limit, env!("CARGO_BIN_EXE_doorstep")]).args(arguments);
    command.env_clear().current_dir(folder).env("LOG_FORMAT", "text").output().unwrap()
}

#[test]
fn n16_d5_a_first_start_on_a_full_disk_leaves_nothing_in_the_way_of_the_next() {
    for blocks in [0, 1, 8, 16, 64, 128, 256, 320] {
        let folder = TempDir::new().unwrap();
        let output = run_with_small_files(folder.path(), &["keys", "rotate"], blocks);
        assert!(output.status.success() || output.status.code() == Some(1), "{blocks}: {output:?}");
        assert!(blocks > 64 || !output.status.success(), "{blocks}: the disk takes everything");
        did(&run(folder.path(), &["keys", "rotate"], &[]));
        let serving = Serving::start(folder.path(), &[]);
        serving.sign_up();
    }
}
