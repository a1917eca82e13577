//! The built program: how it starts, what it says of its configuration, how it stops.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;
use tempfile::TempDir;

use crate::server_process::signal;

/// The program in an empty folder, with nothing configured.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorstep"));
    command.env_clear().current_dir(folder).env("LOG_FORMAT", "text");
    command
}

fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    program(folder).args(arguments).envs(variables.iter().copied()).output().unwrap()
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A program that serves, ended with the test.
pub struct Serving {
    child: Child,
    port: u16,
    said: String,
}

impl Serving {
    pub fn start(folder: &Path, variables: &[(&str, &str)]) -> Self {
        Self::start_logging(folder, variables, Stdio::null())
    }

    fn start_logging(folder: &Path, variables: &[(&str, &str)], log: impl Into<Stdio>) -> Self {
        let port = free_port();
        let mut command = program(folder);
        command.env("PORT", port.to_string()).env("BCRYPT_COST", "4").envs(variables.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        Self { child, port, said }
    }

    /// One request, in HTTP/1.1 by hand.
    fn ask(&self, request: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    fn get(&self, path: &str, cookies: &str) -> String {
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncookie: {cookies}\r\n\r\n");
        self.ask(&head).unwrap()
    }

    /// Posts JSON. There may be no answer when the program is killed.
    pub fn post(&self, path: &str, cookies: &str, body: &str) -> io::Result<String> {
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
             cookie: {cookies}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Signs Ada up, and answers with her cookies.
    fn sign_up(&self) -> Vec<String> {
        let body = r#"{"name":"Ada","email":"ada@x.test","password":"seven tall herons"}"#;
        let answer = self.post("/api/auth/signup", "", body).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        let cookies = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
        cookies.map(|cookie| cookie.split(';').next().unwrap().to_owned()).collect()
    }

    /// Signs Ada up, and answers with her access token alone.
    fn access_token(&self) -> String {
        let cookies = self.sign_up();
        cookies.iter().find_map(|cookie| cookie.strip_prefix("accessToken=")).unwrap().to_owned()
    }

    /// Ends it at once (SIGKILL), while others may still be asking.
    pub fn kill(&self) {
        signal(&self.child, "KILL");
    }

    fn terminate(&mut self) -> Option<i32> {
        signal(&self.child, "TERM");
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn x2_every_problem_of_a_configuration_is_told_at_once_by_variable() {
    let folder = TempDir::new().unwrap();
    let variables = [
        ("PORT", "none"),
        ("HOST", "everywhere"),
        ("PUBLIC_URL", "http://shop.example"),
        ("MONGODB_URI", "mysql://hunter2@x"),
        ("SECRET_KEY", "aHVudGVyMg=="),
        ("BCRYPT_COST", "9000"),
        ("ACCESS_TOKEN_TTL", "soon"),
        ("RATE_LIMITS", "sometimes"),
        ("TRUSTED_PROXIES", "everybody"),
        ("LOG_FORMAT", "pretty"),
    ];
    for command in ["serve", "check-config"] {
        let output = run(folder.path(), &[command], &variables);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        for (variable, _) in variables.iter().filter(|(variable, _)| *variable != "MONGODB_URI") {
            assert!(said.contains(&format!("{variable}: ")), "{variable} is missing in: {said}");
        }
        assert!(said.contains("REDIS_URL: "), "one store alone is half of one: {said}");
        assert!(!said.contains("hunter2") && !said.contains("aHVudGVyMg"), "{said}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "and nothing is written");
}

#[test]
fn x2_stores_that_do_not_parse_and_a_missing_secret_are_problems() {
    let folder = TempDir::new().unwrap();
    let output = run(
        folder.path(),
        &["check-config"],
        &[("MONGODB_URI", "mysql://u:hunter2@x"), ("REDIS_URL", "http://:hunter2@x")],
    );
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    for variable in ["MONGODB_URI: ", "REDIS_URL: ", "SECRET_KEY: "] {
        assert!(said.contains(variable), "{said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn limits_and_cheap_hashes_are_given_up_on_loopback_only() {
    let folder = TempDir::new().unwrap();
    let loose = [("RATE_LIMITS", "off"), ("BCRYPT_COST", "4")];
    assert!(run(folder.path(), &["check-config"], &loose).status.success());
    let public = [loose.as_slice(), &[("PUBLIC_URL", "https://shop.example")]].concat();
    let said = String::from_utf8(run(folder.path(), &["check-config"], &public).stderr).unwrap();
    assert!(said.contains("RATE_LIMITS: ") && said.contains("BCRYPT_COST: "), "{said}");
}

#[test]
fn g2_the_effective_configuration_is_printed_without_its_secrets() {
    let folder = TempDir::new().unwrap();
    let key = "Zk3mQb0pT1x8yLrV5uWc2aHnE7dJ4gSf9oKiPqXwYtM=";
    let variables = [
        ("MONGODB_URI", "mongodb://shop:hunter2@db.example/shop"),
        ("REDIS_URL", "rediss://:hunter2@cache.example"),
        ("SECRET_KEY", key),
        ("PUBLIC_URL", "https://shop.example/"),
    ];
    let output = run(folder.path(), &["check-config"], &variables);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    for line in [
        "PORT=5000",
        "PUBLIC_URL=https://shop.example",
        "MONGODB_URI=mongodb://***@db.example/shop",
        "SECRET_KEY=***",
        "BCRYPT_COST=12",
        "ACCESS_TOKEN_TTL=15m",
        "SESSION_IDLE_TTL=7days",
        "REFRESH_GRACE=10s",
        "ACTIVITY_RETENTION=5months 27days",
        "RATE_LIMITS=on",
    ] {
        assert!(said.contains(line), "{line} is missing in: {said}");
    }
    assert!(!said.contains("hunter2") && !said.contains(key), "{said}");
}

#[test]
fn a_env_file_configures_and_the_environment_wins() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join(".env"), "PORT=5555\nBCRYPT_COST=11\nMONGODB_URI=\n").unwrap();
    let output = run(folder.path(), &["check-config"], &[("PORT", "5556")]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("PORT=5556") && said.contains("BCRYPT_COST=11"), "{said}");
    assert!(said.contains("PUBLIC_URL=http://localhost:5556"), "{said}");
}

#[test]
fn help_and_version_are_told() {
    let folder = TempDir::new().unwrap();
    let help = String::from_utf8(run(folder.path(), &["--help"], &[]).stdout).unwrap();
    assert!(help.contains("serve") && help.contains("check-config"), "{help}");
    let version = String::from_utf8(run(folder.path(), &["--version"], &[]).stdout).unwrap();
    assert_eq!(version.trim(), format!("doorstep {}", env!("CARGO_PKG_VERSION")));
    assert_eq!(run(folder.path(), &["dance"], &[]).status.code(), Some(2));
}

#[test]
fn with_nothing_configured_it_serves_and_keeps_all_in_one_private_folder() {
    use std::os::unix::fs::PermissionsExt;

    let folder = TempDir::new().unwrap();
    let mut serving = Serving::start(folder.path(), &[]);
    assert_eq!(serving.said, format!("Server is running on http://localhost:{}\n", serving.port));
    assert!(serving.get("/healthz", "").starts_with("HTTP/1.1 200"));
    assert_eq!(serving.terminate(), Some(0));
    let data = folder.path().join("data");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in std::fs::read_dir(&data).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn a_customer_stays_signed_in_over_a_restart() {
    let folder = TempDir::new().unwrap();
    let mut serving = Serving::start(folder.path(), &[]);
    let cookies = serving.sign_up().join("; ");
    assert_eq!(serving.terminate(), Some(0));

    let serving = Serving::start(folder.path(), &[]);
    let answer = serving.get("/api/auth/profile", &cookies);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("ada@x.test"), "{answer}");
}

#[test]
fn a_port_that_is_taken_is_a_failure_and_said() {
    let folder = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(folder.path(), &[], &[("PORT", &port)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("cannot go on"));
}

#[test]
fn a_store_that_is_not_up_yet_is_waited_for_without_saying_its_password() {
    let folder = TempDir::new().unwrap();
    let port = free_port();
    let mut child = program(folder.path())
        .env("MONGODB_URI", format!("mongodb://shop:hunter2@127.0.0.1:{port}/shop"))
        .env("REDIS_URL", format!("redis://:hunter2@127.0.0.1:{port}"))
        .env("SECRET_KEY", "Zk3mQb0pT1x8yLrV5uWc2aHnE7dJ4gSf9oKiPqXwYtM=")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.contains("waiting for a store") && line.contains("mongodb"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
}

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
    assert!(listed.starts_with("1  ") && listed.contains("signs since") && listed.lines().count() == 1, "{listed}");
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
    let readme = include_str!("../../README.md");
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

/// What somebody does who uses everything, with secrets in it. Answers with those secrets.
fn use_everything(serving: &Serving) -> Vec<String> {
    let [old, new, wrong] = ["canary of the first water", "canary of a second kind", "canary that was mistyped"];
    let mut secrets: Vec<String> = [old, new, wrong].map(str::to_owned).to_vec();
    let mut cookies = String::new();
    let requests = [
        ("signup", json!({ "name": "Ada", "email": "ada@x.test", "password": old })),
        ("login", json!({ "email": "ada@x.test", "password": wrong })),
        ("login", json!({ "email": "ada@x.test", "password": old })),
        ("confirm", json!({ "current_password": wrong })),
        ("change-password", json!({ "current_password": old, "password": new })),
        ("confirm", json!({ "current_password": new })),
        ("refresh-token", json!({})),
        ("sessions/revoke-others", json!({})),
        ("signup", json!({ "name": old, "email": new, "password": "short" })),
    ];
    for (path, body) in requests {
        let answer = serving.post(&format!("/api/auth/{path}"), &cookies, &body.to_string()).unwrap();
        assert!(!answer.starts_with("HTTP/1.1 5"), "{answer}");
        let set = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
        let set: Vec<&str> = set.map(|cookie| cookie.split(';').next().unwrap()).collect();
        if !set.is_empty() {
            secrets.extend(set.iter().map(|cookie| cookie.split_once('=').unwrap().1.to_owned()));
            cookies = set.join("; ");
        }
    }
    for page in ["/account", "/account/sessions", "/account/activity"] {
        assert!(serving.get(page, &cookies).starts_with("HTTP/1.1 200"));
    }
    assert!(secrets.len() > 12, "several sessions were started");
    serving.post("/api/auth/logout", &cookies, "").unwrap();
    secrets
}

#[test]
fn g2_t12_no_secret_is_in_the_log_or_in_the_store() {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let variables = [("RUST_LOG", "doorstep=trace,info"), ("LOG_FORMAT", "json")];
    let mut serving = Serving::start_logging(folder.path(), &variables, std::fs::File::create(&log).unwrap());
    let secrets = use_everything(&serving);
    assert_eq!(serving.terminate(), Some(0));
    let files = std::fs::read_dir(folder.path().join("data")).unwrap().map(|file| file.unwrap().path());
    let mut seen = 0;
    for file in files.chain([log]) {
        let content = std::fs::read(&file).unwrap();
        seen += content.len();
        for secret in &secrets {
            let found = content.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", file.display());
        }
    }
    assert!(seen > 10_000, "something was written");
}

#[test]
fn g3_what_a_client_sends_is_one_escaped_line_of_the_log_at_most() {
    for format in ["text", "json"] {
        let folder = TempDir::new().unwrap();
        let log = folder.path().join("log");
        let variables = [("RUST_LOG", "trace"), ("LOG_FORMAT", format)];
        let mut serving = Serving::start_logging(folder.path(), &variables, std::fs::File::create(&log).unwrap());
        let hostile = "x\u{1b}[31m\nFORGED level=ERROR\r\nFORGED";
        serving.post("/api/auth/login", "", &json!({ "email": hostile, "password": hostile }).to_string()).unwrap();
        serving
            .post(
                "/api/auth/signup",
                "",
                &json!({ "name": hostile, "email": "a@x.test", "password": hostile }).to_string(),
            )
            .unwrap();
        serving.get("/%1b[31m%0aFORGED", "accessToken=%1b[31m%0aFORGED");
        serving
            .ask("GET /healthz HTTP/1.1\r\nhost: x\r\nuser-agent: \x1b[31mFORGED\r\nconnection: close\r\n\r\n")
            .unwrap();
        serving
            .ask("GET /healthz HTTP/1.1\r\nhost: x\r\nx-request-id: a\x1b[31m\r\nconnection: close\r\n\r\n")
            .unwrap();
        assert_eq!(serving.terminate(), Some(0));
        let logged = std::fs::read_to_string(&log).unwrap();
        assert!(logged.contains("/api/auth/login"), "{format}: requests are logged: {logged}");
        assert!(!logged.contains('\u{1b}'), "{format}: an escape sequence is in the log");
        assert!(!logged.lines().any(|line| line.starts_with("FORGED")), "{format}: a line was forged");
        if format == "json" {
            for line in logged.lines() {
                serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            }
        }
    }
}
