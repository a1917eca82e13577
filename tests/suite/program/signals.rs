//! Commands that a signal stops leave no draft, which would contain every customer's password hash.

use std::{fs, path::Path};

use tempfile::NamedTempFile;

use super::{
    moving::{change, did, names},
    program, run,
};
use crate::{server_process::signal, support::folder};

/// How often a command is started until the signal arrives before its end.
const MOST_STARTS: usize = 100;

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
    let log = NamedTempFile::new().unwrap();
    let (top, data) = (names(folder.path()), names(&folder.path().join("data")));
    for (arguments, is_in_data) in
        [(["backup", "shop.db"], false), (["export", "shop.jsonl"], false), (["restore", "kept.db"], true)]
    {
        for (name, status) in [("INT", 130), ("TERM", 143)] {
            let place = if is_in_data { folder.path().join("data") } else { folder.path().to_owned() };
            let in_time = (0..MOST_STARTS).any(|_| {
                let code = stop(folder.path(), &place, arguments, name, &log);
                assert!(
                    [Some(0), Some(status)].contains(&code),
                    "{arguments:?}: {code:?}, {}",
                    fs::read_to_string(&log).unwrap()
                );
                assert!(!has_draft(&place), "{arguments:?}: {:?}", names(&place));
                if code == Some(0) && !is_in_data {
                    fs::remove_file(folder.path().join(arguments[1])).unwrap();
                }
                code == Some(status)
            });
            assert!(in_time, "{arguments:?} always ended before the signal");
            assert_eq!(names(folder.path()), top, "{arguments:?}");
        }
    }
    assert!(did(&run(folder.path(), &["customers", "list", "--limit", "1"], &[])).contains("@x.test"));
    assert_eq!(names(&folder.path().join("data")), data, "the store is complete");
}

fn has_draft(place: &Path) -> bool {
    names(place).iter().any(|name| name.contains(".draft"))
}

/// Starts a command, sends it a signal once it has a draft, and returns its status. It may end before that.
fn stop(folder: &Path, place: &Path, arguments: [&str; 2], name: &str, log: &NamedTempFile) -> Option<i32> {
    let mut child = program(folder).args(arguments).stderr(log.reopen().unwrap()).spawn().unwrap();
    while !has_draft(place) {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
    }
    signal(&child, name);
    child.wait().unwrap().code()
}
