//! What the program writes of what it is told: no secret, and no line that a client made up.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Serving, moving::change, program, run};

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

/// Every line as the JSON object that it has to be.
fn json_lines(text: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn n30_in_json_nothing_on_standard_error_is_anything_else() {
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
    assert!(said(&["customers", "show", "nobody@x.test"], &[])[0]["message"].as_str().unwrap().contains("no such"));
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
fn n30_a_command_whose_reader_has_gone_ends_quietly() {
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
fn n30_what_was_refused_is_in_the_access_log_with_its_code_also_where_a_form_is_answered_by_a_redirect() {
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
