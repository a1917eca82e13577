//! The host names that the built program accepts, and its listening address.

use std::fs::File;

use serde_json::Value;
use tempfile::TempDir;

use super::{Serving, run};

/// Returns the status line of the response to this request, without its line ending.
fn status(serving: &Serving, head: &str) -> String {
    let answer = serving.ask(&format!("{head}\nconnection: close\n\n").replace('\n', "\r\n")).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn n8_x3_a_loopback_origin_is_refused_if_the_server_listens_for_other_machines() {
    let folder = TempDir::new().unwrap();
    for host in ["0.0.0.0", "::", "192.0.2.1", "::ffff:0.0.0.0"] {
        for url in [
            "",
            "http://localhost:5000",
            "http://127.0.0.1:5000",
            "https://localhost",
            "http://[::1]:5000",
            "https://localhost.",
            "https://a.localhost.",
            "https://[::ffff:127.0.0.1]",
        ] {
            let output = run(folder.path(), &["check-config"], &[("HOST", host), ("PUBLIC_URL", url), ("PORT", "x")]);
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{host} {url}: {said}");
            assert!(said.contains("PUBLIC_URL: ") && said.contains("HOST=") && said.contains("PORT: "), "{said}");
        }
    }
    for (host, url) in [("0.0.0.0", "https://0.0.0.0"), ("0.0.0.0", "https://[::]"), ("127.0.0.1", "http://0.0.0.0")] {
        let output = run(folder.path(), &["check-config"], &[("HOST", host), ("PUBLIC_URL", url)]);
        assert_eq!(output.status.code(), Some(2), "{host} {url}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("PUBLIC_URL: must name a host"), "{url}");
    }
    for (host, url) in [
        ("0.0.0.0", "https://shop.example"),
        ("127.0.0.1", ""),
        ("127.0.0.2", "http://localhost:5000"),
        ("::1", "http://[::1]:5000"),
        ("127.0.0.1", "https://shop.example"),
    ] {
        let output = run(folder.path(), &["check-config"], &[("HOST", host), ("PUBLIC_URL", url)]);
        assert!(output.status.success(), "{host} {url}: {output:?}");
    }
}

#[test]
fn n8_x3_allowed_hosts_are_names_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    for (hosts, is_good) in [
        ("doorstep", true),
        ("Doorstep.Internal:5000, 10.0.0.7 ,[fd00::7]:5000", true),
        ("dépôt.test", true),
        ("*", false),
        ("*.shop.example", false),
        ("https://shop.example", false),
        ("shop.example/", false),
        ("a,,b", false),
        ("a:port", false),
    ] {
        let output = run(folder.path(), &["check-config"], &[("ALLOWED_HOSTS", hosts)]);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.success(), is_good, "{hosts}: {said}");
        assert!(said.contains(if is_good { "ALLOWED_HOSTS=" } else { "ALLOWED_HOSTS: must be" }), "{said}");
    }
}

#[test]
fn n8_n26_raw_requests_are_accepted_or_refused_by_their_host() {
    let folder = TempDir::new().unwrap();
    let variables = [("PUBLIC_URL", "https://shop.test"), ("BCRYPT_COST", "10")];
    let serving = Serving::start(folder.path(), &variables);
    for (head, code) in [
        ("GET /login HTTP/1.1\nHost: shop.test", "200"),
        ("GET /login HTTP/1.1\nhOST: SHOP.TEST", "200"),
        ("GET /login HTTP/1.1\nhost: localhost", "200"),
        ("GET /login HTTP/1.1\nHost: evil.test", "421"),
        ("GET /login HTTP/1.1\nHost: shop.test\nHost: shop.test", "400"),
        ("GET /login HTTP/1.1\nHost: shop.test\nhost: evil.test", "400"),
        ("GET /login HTTP/1.1", "400"),
        ("GET /login HTTP/1.1\nHost:", "421"),
        ("GET /login HTTP/1.0", "421"),
        ("GET /login HTTP/1.0\nHost: shop.test", "200"),
        ("GET /readyz HTTP/1.0", "200"),
        ("GET http://evil.test/login HTTP/1.1\nHost: shop.test", "421"),
        // The scheme that a proxy sends does not matter.
        ("GET http://shop.test/login HTTP/1.1\nHost: shop.test", "200"),
        ("GET https://shop.test/login HTTP/1.1\nHost: shop.test", "200"),
        ("GET http://localhost/login HTTP/1.1\nHost: evil.test", "200"),
        ("POST /api/auth/logout HTTP/1.1\nHost: evil.test\nContent-Length: 0", "421"),
    ] {
        let line = status(&serving, head);
        assert!(line.contains(code), "{head}: {line}");
    }
}

#[test]
fn n8_a_proxy_that_rewrites_the_host_is_logged_once_with_the_variables_to_set() {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let variables = [("LOG_FORMAT", "json")];
    let mut serving = Serving::start_logging(folder.path(), &variables, File::create(&log).unwrap());
    for _ in 0..3 {
        assert!(status(&serving, "GET / HTTP/1.1\nHost: doorstep_upstream").contains("421"));
    }
    for number in 0..30 {
        assert!(status(&serving, &format!("GET / HTTP/1.1\nHost: scanner{number}.test")).contains("421"));
    }
    assert_eq!(serving.terminate(), Some(0));
    let logged = std::fs::read_to_string(&log).unwrap();
    let lines = logged.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told: Vec<Value> = lines.filter(|line| line.get("host").is_some()).collect();
    let of_proxy = |line: &&Value| line["host"].as_str().unwrap().contains("doorstep_upstream");
    assert_eq!(told.iter().filter(of_proxy).count(), 1, "{logged}");
    assert!(told.len() < 10, "a scanner fills no disk: {logged}");
    let message = told[0]["message"].as_str().unwrap();
    assert!(message.contains("PUBLIC_URL") && message.contains("ALLOWED_HOSTS"), "{message}");
}
