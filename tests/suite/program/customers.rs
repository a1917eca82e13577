//! Managing customer accounts, as an operator and a script do.

use std::{
    io::Write,
    path::Path,
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Serving, program, run};

const PASSWORD: &str = "seven tall herons";

/// Runs `doorstep customers`, which has to succeed, and returns its output.
fn customers(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, &[&["customers"], arguments].concat(), &[]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The same with `--json`: returns the printed objects, one per line.
fn customers_json(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let printed = customers(folder, &[arguments, &["--json"]].concat());
    printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn create(folder: &Path, name: &str, email: &str, more: &[&str], password: &str) -> Output {
    let mut command = program(folder);
    command.args(["customers", "create", "--name", name, "--email", email]).args(more).env("BCRYPT_COST", "4");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The program may have closed its input by then.
    let _ = child.stdin.take().unwrap().write_all(format!("{password}\nand another line\n").as_bytes());
    child.wait_with_output().unwrap()
}

/// Checks for a refusal: nothing on standard output, one sentence on standard error.
fn refused(output: Output) -> String {
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.lines().count() == 1 && said.ends_with(".\n"), "{said}");
    said.trim_end().to_owned()
}

fn log_in(serving: &Serving, email: &str, password: &str) -> String {
    let body = json!({ "email": email, "password": password }).to_string();
    serving.post("/api/auth/login", "", &body).unwrap()
}

/// Retries until the answer starts with this. A change by another program is known within a second, if the machine is
/// idle.
fn soon(ask: impl Fn() -> String, start: &str, has: &str) {
    let started = Instant::now();
    loop {
        let answer = ask();
        if answer.starts_with(start) && answer.contains(has) {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(5), "{answer}");
    }
}

#[test]
fn customers_are_made_shown_and_listed() {
    let folder = TempDir::new().unwrap();
    assert!(run(folder.path(), &["migrate"], &[]).status.success());
    assert_eq!(customers(folder.path(), &["list"]), "");
    let made = create(folder.path(), " Zoë ", "Zoe@X.test", &["--role", "admin", "--json"], PASSWORD);
    assert!(made.status.success(), "{made:?}");
    let zoe: Value = serde_json::from_slice(&made.stdout).unwrap();
    let id = zoe["_id"].as_str().unwrap();
    let expected = json!({
        "_id": id, "name": "Zoë", "email": "zoe@x.test", "role": "admin", "createdAt": zoe["createdAt"],
        "updatedAt": zoe["updatedAt"], "verified": true, "disabled": false, "language": null,
    });
    assert_eq!(zoe, expected);
    let made = create(folder.path(), "Bob", "bob@x.test", &[], PASSWORD);
    let said = String::from_utf8([made.stdout, made.stderr].concat()).unwrap();
    assert!(said.contains("email     bob@x.test\n") && said.contains("verified  yes\n"), "{said}");
    assert!(!said.contains(PASSWORD) && !said.contains("$2"), "{said}");

    for whom in [id, "zoe@x.test", "ZOE@x.test"] {
        assert_eq!(customers_json(folder.path(), &["show", whom]).pop().as_ref(), Some(&expected));
    }
    let listed = customers_json(folder.path(), &["list"]);
    assert_eq!(listed.len(), 2);
    assert!(listed.contains(&expected));
    let ids: Vec<_> = listed.iter().map(|customer| customer["_id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted());
    assert_eq!(customers_json(folder.path(), &["list", "--limit", "1"]), listed[..1]);
    assert_eq!(customers_json(folder.path(), &["list", "--after", ids[0]]), listed[1..]);
    let lines = customers(folder.path(), &["list"]);
    assert!(lines.contains(&format!("{id}  zoe@x.test  Zoë  admin\n")), "{lines}");
}

#[test]
fn a_refused_command_is_explained_in_a_sentence_without_the_password() {
    let folder = TempDir::new().unwrap();
    assert!(create(folder.path(), "Ada", "ada@x.test", &[], PASSWORD).status.success());
    let make = |name, email, password| refused(create(folder.path(), name, email, &[], password));
    assert_eq!(make("Eve", "ADA@x.test", "nine short otters"), "An account with this email address already exists.");
    for (password, fault) in [
        ("", "is missing"),
        ("short", "is too short"),
        ("Password1", "is too common"),
        ("eve@x.test!", "is too similar to the name, the email address or the shop's name"),
    ] {
        assert_eq!(make("Eve", "eve@x.test", password), format!("Invalid input: the password {fault}."));
    }
    let several = make(" ", "eve", PASSWORD);
    assert_eq!(several, "Invalid input: the name is missing, the email address is invalid.");
    assert_eq!(customers_json(folder.path(), &["list"]).len(), 1);

    let nobodys = "65fe190c0123456789abcdef";
    for arguments in [
        &["show", nobodys][..],
        &["show", "eve@x.test", "--json"],
        &["disable", nobodys],
        &["enable", "eve@x.test"],
        &["role", nobodys, "admin"],
        &["sessions", nobodys],
        &["sessions", nobodys, "--end"],
    ] {
        let output = run(folder.path(), &[&["customers"], arguments].concat(), &[]);
        assert_eq!(refused(output), "Customer not found.", "{arguments:?}");
    }
    for arguments in [&["show", "eve"][..], &["role", "ada@x.test", "root"], &["list", "--after", "eve"], &[]] {
        let output = run(folder.path(), &[&["customers"], arguments].concat(), &[]);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn t9_a_disabled_customer_is_signed_out_at_once_and_can_log_in_again_once_enabled() {
    let folder = TempDir::new().unwrap();
    let serving = Serving::start(folder.path(), &[("RATE_LIMITS", "off")]);
    let cookies = serving.sign_up().join("; ");
    let profile = || serving.get("/api/auth/profile", &cookies);
    assert!(profile().starts_with("HTTP/1.1 200"));
    customers(folder.path(), &["role", "ada@x.test", "admin"]);
    soon(profile, "HTTP/1.1 200", r#""role":"admin""#);

    let disabled = customers_json(folder.path(), &["disable", "ada@x.test"]);
    assert_eq!((&disabled[0]["disabled"], &disabled[0]["role"]), (&json!(true), &json!("admin")));
    soon(profile, "HTTP/1.1 401", "unauthenticated");
    soon(|| serving.post("/api/auth/refresh-token", &cookies, "").unwrap(), "HTTP/1.1 401", "unauthenticated");
    let refused = log_in(&serving, "ada@x.test", PASSWORD);
    assert!(refused.starts_with("HTTP/1.1 401") && refused.contains("invalid_credentials"), "{refused}");
    assert!(customers(folder.path(), &["list"]).contains("  disabled\n"));

    customers(folder.path(), &["enable", "ada@x.test"]);
    assert!(log_in(&serving, "ada@x.test", PASSWORD).starts_with("HTTP/1.1 200"));
    assert!(profile().starts_with("HTTP/1.1 401"), "what was ended stays so");
}

#[test]
fn t10_sessions_are_listed_and_ended() {
    let folder = TempDir::new().unwrap();
    let serving = Serving::start(folder.path(), &[("RATE_LIMITS", "off")]);
    let cookies = serving.sign_up().join("; ");
    log_in(&serving, "ada@x.test", PASSWORD);
    let sessions = customers_json(folder.path(), &["sessions", "ada@x.test"]);
    assert_eq!(sessions.len(), 2);
    for field in ["id", "device", "browser", "address", "createdAt", "lastSeenAt"] {
        assert!(sessions[0][field].is_string(), "{field}: {sessions:?}");
    }
    let lines = customers(folder.path(), &["sessions", "ada@x.test"]);
    assert!(lines.lines().count() == 2 && lines.contains("127.0.0.1  since "), "{lines}");

    assert_eq!(customers_json(folder.path(), &["sessions", "ada@x.test", "--end"]), [json!({ "ended": 2 })]);
    soon(|| serving.get("/api/auth/profile", &cookies), "HTTP/1.1 401", "unauthenticated");
    assert_eq!(customers(folder.path(), &["sessions", "ada@x.test"]), "");
    assert_eq!(customers(folder.path(), &["sessions", "ada@x.test", "--end"]), "0 ended\n");

    let answer = log_in(&serving, "ada@x.test", PASSWORD);
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: accessToken=")).unwrap();
    let cookie = format!("accessToken={}", cookie.split(';').next().unwrap());
    let activity = serving.get("/api/auth/activity", &cookie);
    assert!(activity.contains("signed_out_by_shop"), "{activity}");
}
