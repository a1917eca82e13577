//! What the program reports to an operator: counters, durations, traces.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::Value;
use tempfile::TempDir;

use super::{Serving, free_port, run};
use crate::support::certificate;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Returns a program with metrics, and the port of `/metrics`.
fn counting(folder: &TempDir) -> (Serving, u16) {
    let port = free_port();
    (Serving::start(folder.path(), &[("METRICS_ADDR", &format!("127.0.0.1:{port}"))]), port)
}

/// Returns the content of `/metrics`.
pub fn metrics(port: u16) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Returns the value of a series.
pub fn value(metrics: &str, series: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
}

#[test]
fn metrics_count_requests_and_are_not_served_to_customers() {
    let folder = TempDir::new().unwrap();
    let (serving, port) = counting(&folder);
    let cookies = serving.sign_up().join("; ");
    for password in ["seven tall herons", "not that one"] {
        let body = format!(r#"{{"email":"ada@x.test","password":"{password}"}}"#);
        serving.post("/api/auth/login", "", &body).unwrap();
    }
    serving.post("/api/auth/refresh-token", &cookies, "").unwrap();
    let told = metrics(port);
    for (series, count) in [
        ("doorstep_sign_ups_total", 1.0),
        (r#"doorstep_logins_total{outcome="succeeded"}"#, 1.0),
        (r#"doorstep_logins_total{outcome="wrong_credentials"}"#, 1.0),
        (r#"doorstep_refreshes_total{outcome="rotated"}"#, 1.0),
        (r#"doorstep_http_requests_total{route="/api/auth/login",method="POST",status="401"}"#, 1.0),
        (r#"doorstep_http_request_duration_seconds_count{route="/api/auth/login",method="POST"}"#, 2.0),
        (r#"doorstep_store_duration_seconds_count{store="embedded",operation="sessions.rotate"}"#, 1.0),
        ("doorstep_hash_duration_seconds_count", 3.0),
        ("doorstep_hasher_waiting", 0.0),
        ("doorstep_http_requests_in_flight", 0.0),
    ] {
        assert_eq!(value(&told, series), Some(count), "{series} in {told}");
    }
    assert!(value(&told, "process_resident_memory_bytes").unwrap() > 1_000_000.0);
    assert!(serving.get("/metrics", "").starts_with("HTTP/1.1 404"), "customers are not told");
}

#[test]
fn n12_the_port_for_metrics_waits_for_no_slow_head() {
    let folder = TempDir::new().unwrap();
    let (_serving, port) = counting(&folder);
    let mut slow = TcpStream::connect(("127.0.0.1", port)).unwrap();
    slow.write_all(b"GET").unwrap();
    slow.set_read_timeout(Some(std::time::Duration::from_secs(25))).unwrap();
    // A response or the end of the connection, either before the timeout.
    let ended = slow.read_to_end(&mut Vec::new());
    assert!(!matches!(&ended, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock), "{ended:?}");
}

#[test]
fn n8_metrics_on_loopback_are_served_only_under_loopback_names() {
    let folder = TempDir::new().unwrap();
    let (_serving, port) = counting(&folder);
    for (host, status) in [
        (format!("127.0.0.1:{port}"), "200"),
        (format!("localhost:{port}"), "200"),
        ("[::1]".to_owned(), "200"),
        (format!("evil.test:{port}"), "421"),
        (String::new(), "421"),
    ] {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(stream, "GET /metrics HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {answer}");
    }
}

#[test]
fn n12_metrics_that_others_may_read_are_warned_of() {
    let folder = TempDir::new().unwrap();
    for (address, is_warned) in [("127.0.0.1:9464", false), ("[::1]:9464", false), ("0.0.0.0:9464", true)] {
        let output = run(folder.path(), &["check-config"], &[("METRICS_ADDR", address)]);
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(told.contains("warning: METRICS_ADDR: "), is_warned, "{told}");
    }
}

#[test]
fn nothing_that_a_client_sends_becomes_a_metric_label() {
    let folder = TempDir::new().unwrap();
    let (serving, port) = counting(&folder);
    serving.get("/forged/path?forged=query", "forged=cookie");
    serving.ask("FORGED /account HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    serving.post("/api/auth/forged", "", "{}").unwrap();
    let told = metrics(port);
    assert!(told.contains(r#"doorstep_http_requests_total{route="other",method="GET",status="404"} 1"#), "{told}");
    assert!(!told.to_lowercase().contains("forged"), "{told}");
}

#[test]
fn every_request_is_one_log_line_with_its_trace() {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let mut serving =
        Serving::start_logging(folder.path(), &[("LOG_FORMAT", "json")], std::fs::File::create(&log).unwrap());
    for traceparent in [&format!("00-{TRACE}-00f067aa0ba902b7-01"), "00-forged-forged-01"] {
        let request =
            format!("GET /healthz HTTP/1.1\r\nhost: x\r\ntraceparent: {traceparent}\r\nconnection: close\r\n\r\n");
        serving.ask(&request).unwrap();
    }
    assert_eq!(serving.terminate(), Some(0));
    let logged = std::fs::read_to_string(&log).unwrap();
    let lines = logged.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let answered: Vec<Value> = lines.filter(|line| line["target"] == "doorstep::access").collect();
    assert_eq!(answered.len(), 2, "{logged}");
    assert_eq!(answered[0]["span"]["trace"], TRACE);
    assert_eq!(answered[0]["status"], 200);
    assert!(answered[0]["ms"].as_f64().unwrap() > 0.0);
    assert!(answered[1]["span"].get("trace").is_none(), "{logged}");
}

/// An export that a collector received.
struct Exported {
    head: String,
    body: Vec<u8>,
}

/// Receives exports and passes them on. Clients with another protocol are ignored.
fn collector(accept: impl Fn(TcpStream) -> Box<dyn Duplex> + Send + 'static) -> (u16, Receiver<Exported>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sent, received) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = take_in(accept(stream.unwrap()), &sent);
        }
    });
    (port, received)
}

/// A readable and writable stream.
trait Duplex: Read + Write {}

impl<S: Read + Write> Duplex for S {}

fn take_in(stream: Box<dyn Duplex>, sent: &Sender<Exported>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    while stream.read_line(&mut head)? > 2 {
        let line = head.lines().last().unwrap().to_lowercase();
        length = line.strip_prefix("content-length: ").map_or(length, |length| length.parse().unwrap());
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    // Before the response: after it, the client may exit.
    let _ = sent.send(Exported { head, body });
    stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

fn plain(stream: TcpStream) -> Box<dyn Duplex> {
    Box::new(stream)
}

/// Returns a function that accepts TLS connections with the certificate and the key in this file.
fn encrypted(file: &Path) -> impl Fn(TcpStream) -> Box<dyn Duplex> + Send + 'static {
    let chain = vec![CertificateDer::from_pem_file(file).unwrap()];
    let key = PrivateKeyDer::from_pem_file(file).unwrap();
    let config = Arc::new(ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap());
    move |stream| Box::new(StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream))
}

#[test]
fn a_request_its_use_case_and_its_store_are_spans_of_the_clients_trace_and_hold_no_secret() {
    let folder = TempDir::new().unwrap();
    let (port, received) = collector(plain);
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://127.0.0.1:{port}"))];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut serving = Serving::start(folder.path(), &variables);
    let body = r#"{"name":"Ada","email":"ada@x.test","password":"seven tall herons"}"#;
    let answer = serving
        .ask(&format!(
            "POST /api/auth/signup HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
             traceparent: 00-{TRACE}-00f067aa0ba902b7-01\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(serving.terminate(), Some(0), "what is left is sent before it ends");
    let mut exported = Vec::new();
    while let Ok(Exported { head, body }) = received.try_recv() {
        assert!(head.starts_with("POST /v1/traces "), "{head}");
        exported.extend(body);
    }
    let has = |part: &[u8]| exported.windows(part.len()).any(|window| window == part);
    let trace: Vec<u8> = (0..32).step_by(2).map(|at| u8::from_str_radix(&TRACE[at..at + 2], 16).unwrap()).collect();
    assert!(has(&trace), "the trace is the client's");
    for part in ["doorstep", "request", "/api/auth/signup", "sign_up", "customers.create"] {
        assert!(has(part.as_bytes()), "{part} is missing");
    }
    for secret in ["seven tall herons", "ada@x.test", "refreshToken"] {
        assert!(!has(secret.as_bytes()), "{secret} was exported");
    }
}

#[test]
fn a_remote_collector_gets_data_over_tls_with_our_headers_once_its_certificate_is_trusted() {
    let folder = TempDir::new().unwrap();
    let certificate = certificate(folder.path());
    let (port, received) = collector(encrypted(&certificate));
    let endpoint = format!("https://127.0.0.1:{port}");
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20canary, x-shop = tea"),
    ];
    let shown = String::from_utf8(run(folder.path(), &["check-config"], &variables).stdout).unwrap();
    assert!(shown.contains("OTEL_EXPORTER_OTLP_HEADERS=authorization=***,x-shop=***"), "{shown}");

    for trusted in [None, Some(("SSL_CERT_FILE", certificate.to_str().unwrap()))] {
        let variables: Vec<_> = variables.into_iter().chain(trusted).collect();
        let log = folder.path().join("log");
        let mut serving = Serving::start_logging(folder.path(), &variables, std::fs::File::create(&log).unwrap());
        serving.get("/healthz", "");
        assert_eq!(serving.terminate(), Some(0));
        let logged = std::fs::read_to_string(&log).unwrap();
        assert!(!logged.contains("canary"), "{logged}");
        let Ok(Exported { head, body }) = received.try_recv() else {
            assert!(trusted.is_none(), "nothing was exported: {logged}");
            continue;
        };
        assert!(trusted.is_some(), "it was sent, trusted or not");
        assert!(head.contains("authorization: Bearer canary\r\n") && head.contains("x-shop: tea\r\n"), "{head}");
        assert!(!body.is_empty());
    }
}

#[test]
fn a_collector_that_cannot_be_reached_is_logged_once_by_its_host_and_without_a_secret() {
    let folder = TempDir::new().unwrap();
    let endpoint = format!("http://127.0.0.1:{}/hunter2", free_port());
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=hunter2"),
        ("OTEL_BSP_SCHEDULE_DELAY", "20"),
        ("LOG_FORMAT", "json"),
    ];
    let log = folder.path().join("log");
    let mut serving = Serving::start_logging(folder.path(), &variables, std::fs::File::create(&log).unwrap());
    serving.get("/healthz", "");
    assert_eq!(serving.terminate(), Some(0));
    let logged = std::fs::read_to_string(&log).unwrap();
    let told: Vec<&str> = logged.lines().filter(|line| line.contains("traces not exported")).collect();
    let host = endpoint.strip_prefix("http://").unwrap().strip_suffix("/hunter2").unwrap();
    assert_eq!(told.len(), 1, "{logged}");
    assert!(told[0].contains(&format!("\"collector\":\"{host}\"")) && told[0].contains("WARN"), "{logged}");
    assert!(!logged.contains("hunter2"), "{logged}");
}
