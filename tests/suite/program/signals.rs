//! Commands that a signal stops leave no draft, which would contain every customer's password hash.

use std::{fs, time::Duration};

use super::{
    moving::{change, did, names},
    program, run,
};
use crate::{
    server_process::signal,
    support::{eventually, folder},
};

const SOON: Duration = Duration::from_secs(20);

/// Adds so many customers that a copy of them takes a while.
const MANY: &str = "
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 40000)
    INSERT INTO customers (id, name, email, password, role, created_at, updated_at)
    SELECT randomblob(12), 'Ada', n || '@x.test', hex(randomblob(500)), 'customer', 1, 1 FROM numbers";

#[tokio::test]
async fn a_command_that_is_stopped_removes_its_draft_and_reports_the_signal() {
    let folder = folder();
    did(&run(folder.path(), &["migrate"], &[]));
    change(&folder.path().join("data/doorstep.db"), MANY).await;
    did(&run(folder.path(), &["backup", "kept.db"], &[]));
    let log = tempfile::NamedTempFile::new().unwrap();
    let (top, data) = (names(folder.path()), names(&folder.path().join("data")));
    for (arguments, is_in_data) in
        [(["backup", "shop.db"], false), (["export", "shop.jsonl"], false), (["restore", "kept.db"], true)]
    {
        for (name, expected) in [("INT", 130), ("TERM", 143)] {
            let place = if is_in_data { folder.path().join("data") } else { folder.path().to_owned() };
            let has_draft = || names(&place).iter().any(|name| name.contains(".draft"));
            let status = loop {
                let mut child = program(folder.path()).args(arguments).stderr(log.reopen().unwrap()).spawn().unwrap();
                let mut has_ended = || child.try_wait().unwrap().is_some();
                eventually(SOON, "there is no draft", async || has_draft() || has_ended()).await;
                if child.try_wait().unwrap().is_none() {
                    signal(&child, name);
                }
                let code = child.wait().unwrap().code();
                if code != Some(0) {
                    break code;
                }
                // It was faster than the test.
                if !is_in_data {
                    fs::remove_file(folder.path().join(arguments[1])).unwrap();
                }
            };
            assert_eq!(status, Some(expected), "{arguments:?}: {}", fs::read_to_string(&log).unwrap());
            assert!(!has_draft(), "{arguments:?}: {:?}", names(&place));
            assert_eq!(names(folder.path()), top, "{arguments:?}");
        }
    }
    assert!(did(&run(folder.path(), &["customers", "list", "--limit", "1"], &[])).contains("@x.test"));
    assert_eq!(names(&folder.path().join("data")), data, "the store is complete");
}
