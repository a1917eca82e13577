//! What commands of root leave in the folder of the user of the service, who has to read it.

use std::{
    fs,
    os::unix::fs::{MetadataExt, chown},
};

use tempfile::TempDir;

use super::{
    Serving,
    moving::{did, refused},
    run,
};

/// The user id of the service.
const USER: u32 = 65_534;

#[test]
fn what_commands_of_root_create_belongs_to_the_owner_of_the_folder() {
    let source = TempDir::new().unwrap();
    Serving::start(source.path(), &[]).sign_up();
    did(&run(source.path(), &["backup", "shop.db"], &[]));
    did(&run(source.path(), &["export", "shop.jsonl"], &[]));
    let path = |name: &str| source.path().join(name).to_str().unwrap().to_owned();
    for command in
        [&["keys", "rotate"][..], &["migrate"], &["restore", &path("shop.db")], &["import", &path("shop.jsonl")]]
    {
        let folder = TempDir::new().unwrap();
        if chown(folder.path(), Some(USER), Some(USER)).is_err() {
            eprintln!("skipped: only root can give files away");
            return;
        }
        did(&run(folder.path(), command, &[]));
        let data = folder.path().join("data");
        let files = fs::read_dir(&data).unwrap().map(|file| file.unwrap().path());
        for path in files.chain([data.clone()]) {
            assert_eq!(fs::metadata(&path).unwrap().uid(), USER, "{command:?}: {}", path.display());
        }
        assert!(data.join("doorstep.db").exists());
    }
}

#[test]
fn a_secret_that_cannot_be_read_is_reported_with_its_path() {
    let folder = TempDir::new().unwrap();
    did(&run(folder.path(), &["keys", "rotate"], &[]));
    did(&run(folder.path(), &["check-config"], &[]));
    let secret = folder.path().join("data/secret.key");
    fs::remove_file(&secret).unwrap();
    did(&run(folder.path(), &["check-config"], &[("DATA_DIR", "elsewhere")]));
    fs::create_dir(&secret).unwrap();
    for command in [&["check-config"][..], &["keys", "list"], &["serve"]] {
        let said = refused(&run(folder.path(), command, &[]));
        assert!(said.contains("data/secret.key: "), "{command:?}: {said}");
    }
    let given = [("SECRET_KEY", super::KEY)];
    did(&run(folder.path(), &["check-config"], &given));
}
