//! What the program logs of its input: no secrets, and no lines forged by a client.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{BufRead, BufReader},
};

use axum::http::Method;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorstep::endpoints::ENDPOINTS;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    Serving, free_port,
    moving::change,
    program, run,
    telemetry::{metrics, value},
};
use crate::{
    http::harness::ORIGIN,
    leaks::{self, Secrets},
    mail::{
        server::{Message, SmtpServer},
        world::{code_in, links, token},
    },
};

/// The format in which a client sends input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Json,
    Form,
}

/// A customer who uses every endpoint and collects every secret on the way.
struct Person<'a> {
    serving: &'a Serving,
    mail: &'a SmtpServer,
    kind: Kind,
    email: String,
    cookies: BTreeMap<String, String>,
    /// The target of the last response.
    next: String,
    secrets: Secrets,
    /// The endpoints that accepted a request.
    used: BTreeSet<String>,
}

impl<'a> Person<'a> {
    fn new(serving: &'a Serving, mail: &'a SmtpServer, kind: Kind) -> Self {
        let email = format!("{kind:?}@x.test").to_lowercase();
        let (cookies, secrets) = (BTreeMap::new(), Secrets::default());
        Self { serving, mail, kind, email, cookies, next: String::new(), secrets, used: BTreeSet::new() }
    }

    /// Sends these fields, and records the cookies and the link of the response. Returns its status.
    fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> u16 {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let answer = match self.kind {
            Kind::Json => self.serving.post(
                path,
                &cookies,
                &json!(fields.iter().copied().collect::<BTreeMap<_, _>>()).to_string(),
            ),
            Kind::Form => self.serving.post_form(path, &cookies, fields),
        };
        let answer = answer.unwrap();
        assert!(!answer.starts_with("HTTP/1.1 5"), "{path}: {answer}");
        for cookie in answer.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
                continue;
            }
            self.cookies.insert(name.to_owned(), value.to_owned());
            // The cookie of form state only gives access to the form input.
            if name != "form" && name != "language" {
                self.secrets.add(name, value);
            }
        }
        let location = answer.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default();
        location.clone_into(&mut self.next);
        if let Some((_, token)) = location.split_once("?token=") {
            self.secrets.add("the link that an answer leads to", token);
        }
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Sends valid input.
    fn done(&mut self, path: &str, fields: &[(&str, &str)]) {
        let path = format!("/api/{path}");
        let status = self.send(&path, fields);
        assert!([200, 201, 202, 303].contains(&status), "{path}: {status}");
        // After a form, the next page shows any error.
        if self.kind == Kind::Form {
            let page = self.serving.get(&self.next, &self.cookie_header());
            assert!(!page.contains("<title>Error"), "{path}: {page}");
        }
        self.used.insert(path);
    }

    fn cookie_header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Waits for this many mails with this subject, and returns the newest. Records all its links.
    async fn mail(&mut self, to: &str, subject: &str, count: usize) -> Message {
        let mail = self.mail.wait_for(to, subject, count).await.pop().unwrap();
        for (page, token) in links(&mail.text) {
            self.secrets.add(page, token);
            self.serving.get(&format!("{page}?token={token}"), &self.cookie_header());
        }
        if let Some(code) = code_in(&mail.text) {
            self.secrets.add_code(subject, code);
        }
        mail
    }

    /// Sends a wrong secret in every field to every endpoint.
    fn send_wrong_secrets(&mut self) {
        let token = URL_SAFE_NO_PAD.encode([b"a canary of mine".repeat(3), b"and then some".to_vec()].concat());
        let fields = [
            ("password", "canary that was mistyped"),
            ("current_password", "canary of the past"),
            ("token", &*token),
            ("code", "918273"),
            ("session", "canary of a session"),
            ("language", "canary of a language"),
            ("email", "not an address"),
            ("name", ""),
        ];
        for (name, value) in fields.iter().filter(|(_, value)| value.len() > 15) {
            self.secrets.add(name, value);
        }
        self.secrets.add_code("a wrong code", "918273");
        for path in posts() {
            // A code is only used without a token.
            for without in ["", "token"] {
                let fields: Vec<_> = fields.iter().copied().filter(|(name, _)| *name != without).collect();
                if !["/api/auth/logout", "/api/auth/sessions/revoke-others"].contains(&&*path) {
                    self.send(&path, &fields);
                }
            }
        }
    }

    /// Uses every function as intended.
    async fn use_everything(&mut self) {
        let email = self.email.clone();
        let passwords = ["canary of the first water", "canary of a second kind", "canary of a third form"];
        for password in passwords {
            self.secrets.add("a password", password);
        }
        let [first, second, third] = passwords;
        self.done("auth/signup", &[("name", "Ada"), ("email", &email), ("password", first)]);
        self.mail(&email, "Verify your email address", 1).await;
        self.done("auth/verify-email/resend", &[("email", "")]);
        let mail = self.mail(&email, "Verify your email address", 2).await;
        self.done("auth/verify-email", &[("code", code_in(&mail.text).unwrap())]);
        self.done("auth/confirm", &[("current_password", first)]);
        self.done("auth/change-password", &[("current_password", first), ("password", second)]);
        self.mail(&email, "Your password was changed", 1).await;
        self.done("language", &[("language", "en")]);
        if self.kind == Kind::Json {
            self.done("auth/refresh-token", &[]);
        }
        self.send_wrong_secrets();
        // With another browser, whose session the first one ends.
        let first_browser = std::mem::take(&mut self.cookies);
        self.send_wrong_secrets();
        self.done("auth/login", &[("email", &email), ("password", second)]);
        self.mail(&email, "New login to your account", 1).await;
        self.cookies = first_browser;
        let listed = self.serving.get("/api/auth/sessions", &self.cookie_header());
        let listed: Value = serde_json::from_str(listed.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        let other = listed.as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
        self.done("auth/sessions/revoke", &[("session", other["id"].as_str().unwrap())]);
        self.done("auth/sessions/revoke-others", &[]);

        let new = format!("new.{email}");
        self.done("auth/change-email", &[("email", &new)]);
        self.mail(&new, "Confirm your new email address", 1).await;
        self.done("auth/change-email/cancel", &[]);
        self.done("auth/change-email", &[("email", &new)]);
        let mail = self.mail(&new, "Confirm your new email address", 2).await;
        self.done("auth/change-email/confirm", &[("token", &token(&mail, "/change-email"))]);
        let undo = self.mail(&email, "Your email address was changed", 1).await;
        self.done("auth/logout", &[]);
        self.done("auth/secure-account", &[("token", &token(&undo, "/secure-account"))]);
        self.mail(&email, "Reset your password", 1).await;
        self.done("auth/forgot-password", &[("email", &email)]);
        let mail = self.mail(&email, "Reset your password", 2).await;
        let reset = token(&mail, "/reset-password");
        self.send("/api/auth/reset-password", &[("token", &reset), ("password", "canary7")]);
        self.secrets.add("a short password", "canary7");
        self.done("auth/reset-password", &[("token", &reset), ("password", third)]);
        self.done("auth/login", &[("email", &email), ("password", third)]);
    }
}

/// Returns the paths of all endpoints that accept input, from the router.
fn posts() -> BTreeSet<String> {
    let paths = ENDPOINTS.iter().filter(|endpoint| endpoint.method == Method::POST);
    paths.map(|endpoint| endpoint.path.to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g2_t12_no_secret_is_in_the_log_or_in_the_store() {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let mail = SmtpServer::start(&json!({}));
    let url = format!("smtp://127.0.0.1:{}", mail.port);
    let variables = [
        ("RUST_LOG", "doorstep=trace,info"),
        ("LOG_FORMAT", "json"),
        ("SMTP_URL", &*url),
        ("MAIL_FROM", "hello@tea.test"),
        ("PUBLIC_URL", ORIGIN),
        ("RATE_LIMITS", "off"),
    ];
    let mut serving = Serving::start_logging(folder.path(), &variables, std::fs::File::create(&log).unwrap());
    let mut all = Vec::new();
    for kind in [Kind::Json, Kind::Form] {
        let mut person = Person::new(&serving, &mail, kind);
        person.use_everything().await;
        assert!(person.secrets.len() > 40, "{}", person.secrets.len());
        // Only scripts send a refresh.
        let unused: Vec<_> = posts().difference(&person.used).cloned().collect();
        let expected = if kind == Kind::Json { &[][..] } else { &["/api/auth/refresh-token"] };
        assert_eq!(unused, expected, "{kind:?}");
        all.push(person.secrets);
    }
    // While it runs, the latest writes are in the store's log; afterwards, in its file.
    let check = |when: &str| {
        let (stored, logged) = (leaks::files(&folder.path().join("data")), std::fs::read(&log).unwrap());
        assert!(stored.len() > 10_000 && logged.len() > 10_000, "something was written");
        for secrets in &all {
            secrets.assert_not_in(&stored, &format!("the store {when}"));
            secrets.assert_not_in(&logged, &format!("the log {when}"));
        }
    };
    check("while the program runs");
    assert_eq!(serving.terminate(), Some(0));
    check("afterwards");
}

#[test]
fn g3_client_input_never_forges_a_line_or_an_escape_sequence_in_the_log() {
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

/// Parses every line as a JSON object.
fn json_lines(text: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn n26_n30_with_json_logs_standard_error_contains_only_json() {
    let folder = TempDir::new().unwrap();
    let json = [("LOG_FORMAT", "json")];
    let said = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output = run(folder.path(), arguments, &[&json[..], variables].concat());
        assert!(!output.status.success(), "{output:?}");
        let lines = json_lines(&output.stderr);
        assert!(!lines.is_empty() && lines.iter().all(|line| line["level"] == "ERROR"), "{lines:?}");
        lines
    };
    let problems = said(&["serve"], &[("PORT", "x"), ("BCRYPT_COST", "x")]);
    let problems = problems[0]["problems"].as_array().unwrap();
    assert!(problems.len() == 2 && problems[0].as_str().unwrap().starts_with("PORT: "), "{problems:?}");
    for arguments in [&["dance"][..], &["customers", "show", "nobody"], &["customers", "show"]] {
        said(arguments, &[]);
    }
    assert!(run(folder.path(), &["migrate"], &[]).status.success());
    assert!(said(&["customers", "show", "nobody@x.test"], &[])[0]["message"].as_str().unwrap().contains("not found"));
    // The time of one refusal in ten would end in a zero, and be shorter.
    for _ in 0..30 {
        let time = said(&["serve"], &[("PORT", "x")])[0]["timestamp"].as_str().unwrap().to_owned();
        assert!(time.len() == "2024-03-01T10:20:30.000Z".len() && time.ends_with('Z'), "{time}");
    }
    said(&["healthcheck"], &[("PORT", "1")]);
    said(&["backup", "shop.db"], &[("DATA_DIR", "/dev/null")]);
    std::fs::write(folder.path().join(".env"), "nonsense\n").unwrap();
    said(&["serve"], &[]);
}

#[tokio::test]
async fn n30_a_customer_who_cannot_be_read_is_named_in_the_log() {
    let folder = TempDir::new().unwrap();
    Serving::start(folder.path(), &[]).sign_up();
    let listed = run(folder.path(), &["customers", "list"], &[]);
    let id = String::from_utf8(listed.stdout).unwrap().split(' ').next().unwrap().to_owned();
    change(&folder.path().join("data/doorstep.db"), "UPDATE customers SET created_at = 9223372036854775807").await;

    let log = folder.path().join("log");
    let variables = [("LOG_FORMAT", "json")];
    let mut serving = Serving::start_logging(folder.path(), &variables, std::fs::File::create(&log).unwrap());
    let body = json!({ "email": "ada@x.test", "password": "seven tall herons" });
    let answer = serving.post("/api/auth/login", "", &body.to_string()).unwrap();
    assert!(answer.starts_with("HTTP/1.1 500") && !answer.contains(&id), "{answer}");
    assert_eq!(serving.terminate(), Some(0));
    let listed = run(folder.path(), &["customers", "list"], &variables);
    for logged in [std::fs::read(&log).unwrap(), listed.stderr] {
        let lines = json_lines(&logged);
        let failed = lines.iter().find(|line| line["level"] == "ERROR").unwrap();
        let causes = format!("{} {}", failed["error"], failed["error.sources"]);
        assert!(causes.contains(&id), "{failed}");
    }
}

#[test]
fn n30_a_command_whose_output_pipe_is_closed_ends_quietly() {
    let folder = TempDir::new().unwrap();
    Serving::start(folder.path(), &[]).sign_up();
    for arguments in [
        &["check-config"][..],
        &["customers", "list"],
        &["customers", "show", "ada@x.test"],
        &["customers", "sessions", "ada@x.test", "--json"],
        &["keys", "list"],
        &["keys", "rotate"],
        &["migrate"],
        &["migrate", "--dry-run"],
        &["export"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = program(folder.path()).args(arguments).stdout(writer).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {said}");
        assert!(!said.contains("panicked") && !said.contains("ERROR"), "{arguments:?}: {said}");
    }
}

#[test]
fn n30_a_command_whose_output_cannot_be_written_fails_and_says_so() {
    let folder = TempDir::new().unwrap();
    Serving::start(folder.path(), &[]).sign_up();
    for arguments in [&["check-config"][..], &["customers", "list"], &["keys", "list"], &["migrate"], &["export"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = program(folder.path()).args(arguments).stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("No space left on device"), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
    }
}

#[test]
fn n30_the_access_log_has_the_code_of_every_refusal_even_if_a_form_gets_a_redirect() {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let mut serving =
        Serving::start_logging(folder.path(), &[("LOG_FORMAT", "json")], std::fs::File::create(&log).unwrap());
    let post = |path: &str, headers: &str, body: &str| {
        let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}");
        let answer = serving.ask(&format!("{head}content-length: {}\r\n\r\n{body}", body.len())).unwrap();
        answer.split(' ').nth(1).unwrap().parse::<u16>().unwrap()
    };
    let json = "content-type: application/json\r\n";
    let form =
        "content-type: application/x-www-form-urlencoded\r\naccept: text/html\r\nsec-fetch-site: same-origin\r\n";
    let wrong = r#"{"email":"ada@x.test","password":"a wrong password"}"#;
    let foreign = format!("{json}origin: https://evil.test\r\nsec-fetch-site: cross-site\r\n");
    let expected = [
        (post("/api/auth/login", json, wrong), 401, "invalid_credentials"),
        (post("/api/auth/login", form, "email=ada%40x.test&password=a+wrong+password"), 303, "invalid_credentials"),
        (post("/api/auth/signup", json, "{}"), 422, "invalid"),
        (post("/api/auth/login", &foreign, wrong), 403, "cross_origin"),
        (post("/api/auth/refresh-token", json, "{}"), 401, "unauthenticated"),
        (post("/api/auth/logout", "content-type: text/plain\r\n", "x"), 415, "unsupported_media_type"),
    ];
    assert_eq!(serving.terminate(), Some(0));
    let lines = json_lines(&std::fs::read(&log).unwrap());
    let logged: Vec<_> = lines.iter().filter(|line| line["target"] == "doorstep::access").collect();
    assert_eq!(logged.len(), expected.len());
    for ((answered, status, code), line) in expected.into_iter().zip(logged) {
        assert_eq!((answered, &line["status"], &line["code"]), (status, &json!(status), &json!(code)), "{line}");
    }
}

#[tokio::test]
async fn n30_a_failure_of_form_states_is_logged_with_its_causes() {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let variables = [("LOG_FORMAT", "json")];
    let mut serving = Serving::start_logging(folder.path(), &variables, std::fs::File::create(&log).unwrap());
    change(&folder.path().join("data/doorstep.db"), "DROP TABLE form_state").await;
    serving.post_form("/api/auth/login", "", &[("email", "ada@x.test"), ("password", "seven tall herons")]).unwrap();
    assert_eq!(serving.terminate(), Some(0));
    let lines = json_lines(&std::fs::read(&log).unwrap());
    let failures: Vec<_> = lines.iter().filter(|line| line["level"] == "WARN" || line["level"] == "ERROR").collect();
    assert!(failures.iter().all(|line| line["message"].is_string()), "{failures:?}");
    let of_store: Vec<_> =
        failures.iter().filter(|line| line["message"] == "form state failed: the store returned an error").collect();
    assert!(!of_store.is_empty(), "{failures:?}");
    for failure in of_store {
        assert!(failure["error.sources"].to_string().contains("no such table"), "{failure}");
    }
}

#[test]
fn n30_a_log_reader_that_stalls_blocks_neither_requests_nor_the_end_of_the_program() {
    let folder = TempDir::new().unwrap();
    let metrics_port = free_port();
    let metrics_address = format!("127.0.0.1:{metrics_port}");
    // Many lines, so that the pipe and the queue are soon full.
    let variables = [("LOG_FORMAT", "json"), ("RUST_LOG", "trace"), ("METRICS_ADDR", &*metrics_address)];
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut serving = Serving::start_logging(folder.path(), &variables, writer);
    let dropped = || {
        let told = metrics(metrics_port);
        value(&told, "doorstep_log_lines_dropped_total").unwrap_or_default()
    };
    let ask = |times: u32| {
        for _ in 0..times {
            let answer = serving.get("/login", "");
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    };
    let full = (0..100).any(|_| {
        ask(100);
        dropped() > 0.0
    });
    assert!(full, "nothing is dropped, and nothing was read");

    // The reader continues, and is told how much it missed.
    let (told, report) = std::sync::mpsc::channel();
    let reading = std::thread::spawn(move || {
        let lines = BufReader::new(&mut reader).lines().map(Result::unwrap);
        let lines = lines.map(|line| serde_json::from_str::<Value>(&line).expect("a line of JSON"));
        let reports: Vec<Value> = lines.filter(|line| line["event"] == "log_lines_dropped").take(1).collect();
        told.send(reports).unwrap();
        // From now on, the output is not read any more.
        reader
    });
    let reports = report.recv().unwrap();
    let reader = reading.join().unwrap();
    assert!(reports[0]["dropped"].as_u64().unwrap() > 0, "{reports:?}");
    ask(300);
    assert_eq!(serving.terminate(), Some(0));
    drop(reader);
}

#[test]
fn a_filter_of_the_log_that_hides_errors_is_warned_of_by_a_check_and_at_the_start() {
    let folder = TempDir::new().unwrap();
    let warned = "RUST_LOG: hides the errors of this program";
    for (filter, is_hidden) in [("info", false), ("hyper=debug", true), ("off", true)] {
        let output = run(folder.path(), &["check-config"], &[("RUST_LOG", filter)]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{filter}: {said}");
        assert_eq!(said.contains(&format!("# warning: {warned}")), is_hidden, "{filter}: {said}");
        let log = folder.path().join("log");
        let variables = [("RUST_LOG", filter), ("LOG_FORMAT", "json")];
        drop(Serving::start_logging(folder.path(), &variables, File::create(&log).unwrap()));
        let logged = fs::read_to_string(&log).unwrap();
        assert_eq!(logged.matches(warned).count(), usize::from(is_hidden), "{filter}: {logged}");
    }
    for filter in ["warning", "verbose", "info,debugg"] {
        let output = run(folder.path(), &["customers", "list"], &[("RUST_LOG", filter)]);
        assert_eq!(output.status.code(), Some(2), "{filter}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("RUST_LOG: must be a level (error, warn, "), "{filter}: {said}");
    }
}
