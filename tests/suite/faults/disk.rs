//! The disk of the embedded store is full.

use std::{
    fs::{self, File},
    process::Command,
};

use serde_json::json;

use super::RECOVERY;
use crate::{
    http::harness::PASSWORD,
    program::Serving,
    support::{eventually, folder},
};

/// Returns the status of a response.
fn status(answer: &str) -> u16 {
    answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
}

fn post(serving: &Serving, path: &str, email: &str) -> u16 {
    let body = json!({ "name": "Ada", "email": email, "password": PASSWORD });
    status(&serving.post(path, "", &body.to_string()).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n16_d5_a_full_disk_loses_no_account_and_needs_no_restart() {
    let folder = folder();
    let variables = [("RATE_LIMITS", "off"), ("LOG_FORMAT", "json")];
    let log = folder.path().join("log");
    // The log has reached the limit too.
    fs::write(&log, "x".repeat(1024 * 512)).unwrap();
    let lines = File::options().append(true).open(&log).unwrap();
    let serving = Serving::start_with_small_files(folder.path(), &variables, 1024, lines);
    let mut acknowledged = Vec::new();
    let refused = (0..500).map(|number| format!("{number}@x.test")).find(|email| {
        let status = post(&serving, "/api/auth/signup", email);
        if status == 201 {
            acknowledged.push(email.clone());
        } else {
            assert_eq!(status, 503, "{email}");
        }
        status == 503
    });
    let refused = refused.expect("the disk takes everything");
    assert!(!acknowledged.is_empty());
    let is_ready = || status(&serving.get("/readyz", "")) == 200;
    eventually(RECOVERY, "it says that it is ready", async || !is_ready()).await;
    // A session cannot be written, but reading finds that there is no account.
    assert_eq!(post(&serving, "/api/auth/login", &acknowledged[0]), 503);
    assert_eq!(post(&serving, "/api/auth/login", &refused), 401);
    assert_eq!(status(&serving.get("/login", "")), 200, "pages that need no store are there");

    let id = serving.id().to_string();
    let made_room = Command::new("prlimit").args(["--pid", &id, "--fsize=unlimited"]).status();
    let Ok(made_room) = made_room else {
        eprintln!("skipped from here on: there is no prlimit");
        return;
    };
    assert!(made_room.success());
    eventually(RECOVERY, "it does not recover", async || is_ready()).await;
    for email in &acknowledged {
        assert_eq!(post(&serving, "/api/auth/login", email), 200, "{email}");
    }
    assert_eq!(post(&serving, "/api/auth/signup", &refused), 201, "nothing is left of what failed");
    let log = || fs::read_to_string(&log).unwrap();
    eventually(RECOVERY, "the log does not recover", async || log().contains("log_lines_dropped")).await;
}
