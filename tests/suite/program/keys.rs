//! The keys that sign access tokens, as operators and other services use them.

use std::{
    io::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{KEY, Serving, run};

#[test]
fn t4_keys_are_listed_and_rotated_while_the_program_serves() {
    let folder = TempDir::new().unwrap();
    let serving = Serving::start(folder.path(), &[]);
    let token = serving.access_token();
    let profile = || serving.get("/api/auth/profile", &format!("accessToken={token}"));
    let keys = |arguments: &[&str]| {
        let output = run(folder.path(), &[&["keys"], arguments].concat(), &[]);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let listed = keys(&["list"]);
    assert!(listed.starts_with("1  ") && listed.contains("signing since") && listed.lines().count() == 1, "{listed}");
    let rotated = keys(&["rotate"]);
    assert!(rotated.contains("\n2  ") && rotated.contains("will sign from"), "{rotated}");
    assert!(profile().starts_with("HTTP/1.1 200"));

    let rotated = keys(&["rotate", "--now"]);
    assert!(rotated.starts_with("3  ") && rotated.lines().count() == 1, "{rotated}");
    let started = Instant::now();
    while !profile().starts_with("HTTP/1.1 401") {
        assert!(started.elapsed() < Duration::from_secs(30), "it still believes in the old key");
    }
    assert!(run(folder.path(), &["keys"], &[]).status.code() == Some(2), "a verb is needed");
}

#[test]
fn t4_another_service_verifies_tokens_by_the_lines_of_the_readme() {
    let folder = TempDir::new().unwrap();
    let serving = Serving::start(folder.path(), &[]);
    let readme = include_str!("../../../README.md");
    let lines = readme.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let lines = lines.replace("localhost:5000", &format!("localhost:{}", serving.port));
    let verify = |token: &str| {
        let mut python = Command::new("python3");
        python.args(["-c", &lines]).env("PYTHONPATH", std::env::var("DOORSTEP_TEST_PYTHONPATH").unwrap());
        let mut child = python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let token = serving.access_token();
    let output = verify(&token);
    let id = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let profile = serving.get("/api/auth/profile", &format!("accessToken={token}"));
    assert!(id.trim().len() == 24 && profile.contains(id.trim()), "{id} {profile}");
    let (message, signature) = token.rsplit_once('.').unwrap();
    for forged in [format!("{message}."), format!("{message}.{}", signature.chars().rev().collect::<String>())] {
        let output = verify(&forged);
        assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    }
}

#[test]
fn n30_the_first_key_signs_at_once_however_it_is_made() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &["keys", "rotate"], &[]);
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(listed.starts_with("1  ") && listed.contains("signing since") && listed.lines().count() == 1, "{listed}");
    assert!(output.status.success());
}

#[tokio::test]
async fn a_start_with_another_secret_warns_once_that_sessions_end() {
    let folder = TempDir::new().unwrap();
    let other = "c2V2ZW4gdGFsbCBoZXJvbnMgaW4gdGhlIHJlZWRzISE=";
    for (variables, warnings) in [
        (&[("SECRET_KEY", KEY)][..], 0),
        (&[("SECRET_KEY", other), ("SECRET_KEY_PREVIOUS", KEY)], 0),
        (&[("SECRET_KEY", other)], 1),
        // By now there is a key of each secret.
        (&[("SECRET_KEY", other)], 0),
        (&[("SECRET_KEY", KEY)], 0),
    ] {
        let log = folder.path().join("log");
        let mut serving = Serving::start_logging(folder.path(), variables, std::fs::File::create(&log).unwrap());
        // The keys are read again after two seconds.
        tokio::time::sleep(Duration::from_millis(2500)).await;
        assert_eq!(serving.terminate(), Some(0));
        let logged = std::fs::read_to_string(&log).unwrap();
        assert_eq!(logged.matches("sealed under another SECRET_KEY").count(), warnings, "{logged}");
    }
}
