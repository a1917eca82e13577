//! Panics in each layer of a request: the response, and the log.

use std::{process::Command, sync::Arc};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use doorstep::{
    accounts::{
        Activity, Mail,
        ports::{HasherError, MailRenderer, PasswordHash, PasswordHasher, StoreError, Timeline, Verdict, WrittenMail},
    },
    composition::Mailing,
    domain::{CustomerId, Password, PasswordAttempt},
    telemetry::{json_lines::JsonLines, panics},
    web::FormStateStore,
};
use futures_util::stream;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

use super::harness::{Answer, App, Client, Options, PASSWORD, build_with_hasher, client_of, request};
use crate::mail::sender;

/// The message of each panic.
const DEFECT: &str = "a defect, and the password seven tall herons";

/// Set in the process that logs: the panic hook is global to a process.
const LOGS: &str = "DOORSTEP_TEST_LOGS_PANICS";

/// Any part of a shop, with a defect.
#[derive(Debug)]
struct Defective;

#[async_trait]
impl PasswordHasher for Defective {
    async fn hash(&self, _: Password) -> Result<PasswordHash, HasherError> {
        panic!("{DEFECT}")
    }

    async fn rehash(&self, _: PasswordAttempt) -> Result<PasswordHash, HasherError> {
        panic!("{DEFECT}")
    }

    async fn verify(&self, _: PasswordAttempt, _: Option<PasswordHash>) -> Result<Verdict, HasherError> {
        panic!("{DEFECT}")
    }
}

#[async_trait]
impl SessionStore for Defective {
    async fn save(&self, _: &Record) -> session_store::Result<()> {
        panic!("{DEFECT}")
    }

    async fn load(&self, _: &Id) -> session_store::Result<Option<Record>> {
        panic!("{DEFECT}")
    }

    async fn delete(&self, _: &Id) -> session_store::Result<()> {
        panic!("{DEFECT}")
    }
}

#[async_trait]
impl Timeline for Defective {
    async fn record(&self, _: &Activity) -> Result<(), StoreError> {
        panic!("{DEFECT}")
    }

    async fn activities(&self, _: CustomerId, _: OffsetDateTime, _: usize) -> Result<Vec<Activity>, StoreError> {
        panic!("{DEFECT}")
    }
}

impl MailRenderer for Defective {
    fn write(&self, _: &Mail) -> Result<WrittenMail, Box<dyn std::error::Error + Send + Sync>> {
        panic!("{DEFECT}")
    }
}

/// Returns a shop whose hasher, mails, timeline and form states panic, and a customer from before that.
async fn defective() -> (App, Client) {
    let mailing = Mailing::Kept(Arc::new(sender()));
    let app = App::with(Options { mailing, ..Options::default() }).await;
    let healthy = app.signed_up("ada@x.test").await;
    let mut stores = app.stores.clone();
    stores.form_states = FormStateStore(Arc::new(Defective));
    stores.timeline = Arc::new(Defective);
    let options = Options { mailing: Mailing::Kept(Arc::new(Defective)), ..Options::default() };
    let router = build_with_hasher(&options, stores, app.clock.clone(), Arc::new(Defective)).await;
    let mut customer = client_of(router);
    customer.cookies = healthy.cookies;
    (app, customer)
}

/// Sends a request that panics in each of the layers that requests pass. Returns the name of the layer, whether the
/// response is a page, and the response.
async fn panics_everywhere(customer: &Client) -> Vec<(&'static str, bool, Answer)> {
    let visitor = || {
        let mut visitor = customer.clone();
        visitor.cookies.clear();
        visitor
    };
    let with_state = |mut client: Client| {
        client.cookies.insert("form".to_owned(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned());
        client
    };
    let login = json!({ "email": "ada@x.test", "password": PASSWORD }).to_string();
    let wrong = [("email", "ada@x.test"), ("password", PASSWORD)];
    let breaks = || {
        Body::from_stream(stream::poll_fn(|_| -> std::task::Poll<Option<Result<Vec<u8>, std::io::Error>>> {
            panic!("{DEFECT}")
        }))
    };
    let page = request(Method::POST, "/api/auth/login")
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    vec![
        ("a server function", false, visitor().post_json("/api/auth/login", login.clone()).await),
        ("a server function by a form", true, visitor().post_form("/api/auth/login", &wrong).await),
        ("a server function that reads", false, customer.clone().get("/api/auth/activity").await),
        ("what a page shows", true, customer.clone().get_page("/account").await),
        ("what a page shows of mails", true, visitor().get_page("/dev/mail").await),
        ("the state of a form", true, with_state(visitor()).get_page("/login").await),
        ("keeping the state of a form", true, visitor().post_form("/api/auth/login", &[("email", "x")]).await),
        ("a body that is received", false, visitor().post_json("/api/auth/login", breaks()).await),
        ("a form that is received", true, visitor().send(page.body(breaks()).unwrap()).await),
    ]
}

#[tokio::test]
async fn g4_a_panic_is_a_plain_500_and_the_process_lives() {
    let (_app, customer) = defective().await;
    for (layer, is_page, answer) in panics_everywhere(&customer).await {
        let answer = answer.expect(StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!answer.body.contains("defect") && !answer.body.contains("herons"), "{layer}: {answer:?}");
        if is_page {
            assert!(answer.header("content-type").starts_with("text/html"), "{layer}: {answer:?}");
        } else {
            assert_eq!(answer.code(), "internal", "{layer}");
        }
        assert_eq!(answer.header("x-request-id").len(), 32, "{layer}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{layer}");
        assert_eq!(answer.header("cache-control"), "no-store", "{layer}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{layer}");
        assert!(answer.set_cookies().is_empty(), "{layer}: {answer:?}");
    }
    // Everything without a defect keeps working, and signed-in customers stay signed in.
    customer.clone().get("/healthz").await.expect(StatusCode::OK);
    customer.clone().profile().await.expect(StatusCode::OK);
    customer.clone().get_page("/account/security").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn n14_g4_a_panic_in_any_layer_is_one_line_of_the_log_that_names_its_request() {
    if std::env::var_os(LOGS).is_some() {
        tracing_subscriber::fmt().json().event_format(JsonLines).with_writer(std::io::stderr).init();
        panics::log_all();
        let (_app, customer) = defective().await;
        for (layer, _, answer) in panics_everywhere(&customer).await {
            println!("500: {} {layer}", answer.header("x-request-id"));
        }
        return;
    }
    let name = "http::panics::n14_g4_a_panic_in_any_layer_is_one_line_of_the_log_that_names_its_request";
    let mut again = Command::new(std::env::current_exe().unwrap());
    let output = again.args(["--exact", name, "--nocapture"]).env(LOGS, "1").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let log = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(&log)).collect();
    let told = String::from_utf8(output.stdout).unwrap();
    let requests: Vec<&str> = told.lines().filter_map(|line| line.split_once("500: ")).map(|(_, id)| id).collect();
    assert_eq!(requests.len(), 9, "{told}");
    for request in requests {
        let (id, layer) = request.split_once(' ').unwrap();
        let of_request = |line: &&Value| line["spans"][0]["id"] == id;
        let panicked: Vec<_> = lines.iter().filter(of_request).filter(|line| line.get("panic").is_some()).collect();
        let [line] = panicked[..] else { panic!("{layer}: {panicked:?} {log}") };
        assert_eq!((line["level"].as_str(), line["panic"].as_str()), (Some("ERROR"), Some(DEFECT)), "{layer}");
        let answered = lines.iter().filter(of_request).filter(|line| line["status"] == 500);
        assert_eq!(answered.count(), 1, "{layer}: {log}");
    }
    assert_eq!(lines.iter().filter(|line| line.get("panic").is_some()).count(), 9, "{log}");
}
