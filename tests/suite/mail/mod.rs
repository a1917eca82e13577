//! Mail, from the event to the message that a real SMTP server received.

mod addresses;
mod at_rest;
mod budgets;
mod delivery;
mod events;
mod kept;
mod mail_worker;
mod markup;
mod reset;
pub mod server;
mod squatters;
mod strangers;
mod urls;
mod verify;
mod void_links;
pub mod world;

use std::{collections::BTreeSet, sync::Arc};

use axum::http::StatusCode;
use doorstep::{
    accounts::ports::{Clock, Lease, Mailer, Outbox},
    adapters::{
        embedded::Embedded,
        mail::{Colours, Sender, SmtpMailer},
    },
    composition::{self, Mailing},
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use self::server::{Message, SmtpServer, TIMEOUT};
use crate::{
    http::harness::{App, Client, ORIGIN, Options, PASSWORD, build, secret_key},
    program::Serving,
    stores::harness::random,
    support::{FakeClock, certificate, eventually, folder},
};

pub fn sender() -> Sender {
    let from = "Tea & Co <hello@tea.test>".parse().unwrap();
    let links = composition::link_tokens(&secret_key().into());
    Sender { from, shop: "Tea & Co".to_owned(), site: ORIGIN.to_owned(), colours: Colours::default(), links }
}

fn mailer(url: &str) -> Arc<dyn Mailer> {
    Arc::new(SmtpMailer::new(url, sender()).unwrap())
}

async fn application(url: &str) -> App {
    App::with(Options { mailing: Mailing::Sent(mailer(url)), ..Options::default() }).await
}

/// Logs in from a new browser.
async fn new_device(app: &App, email: &str) -> Client {
    let mut client = app.client();
    client.log_in(email, PASSWORD).await.expect(StatusCode::OK);
    client
}

pub fn lease(until: OffsetDateTime) -> Lease {
    Lease { id: random(), until }
}

/// Waits for the first attempt to send the only mail, which stays in the outbox.
async fn wait_for_first_attempt(app: &App) {
    let mut looked = 0;
    let was_tried = async || {
        // Still due, so that the worker takes it again.
        let now = app.clock.now();
        let taken =
            app.stores.outbox.take(now + Duration::HOUR, lease(now), 1).await.unwrap().pop().expect("it is given up");
        looked += 1;
        taken.attempts > looked
    };
    eventually(TIMEOUT, "it is not tried", was_tried).await;
}

const NEW_DEVICE: &str = "New login to your account";

#[tokio::test]
async fn a_login_on_a_new_device_sends_a_mail_and_other_logins_send_none() {
    let server = SmtpServer::start(&json!({}));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    let mut client = app.signed_up("ada@x.test").await;
    client.log_out().await.expect(StatusCode::OK);
    client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    new_device(&app, "ada@x.test").await;

    let messages = server.wait_for("ada@x.test", NEW_DEVICE, 1).await;
    let [message] = &messages[..] else { panic!("{messages:?}") };
    assert_eq!((message.from.as_str(), &message.to[..]), ("hello@tea.test", &["ada@x.test".to_owned()][..]));
    assert_eq!(message.header("subject"), "New login to your account – Tea & Co");
    assert!(message.header("to").contains("ada@x.test"), "{message:?}");
    assert_eq!(message.header("auto-submitted"), "auto-generated");
    assert!(message.header("message-id").ends_with("@tea.test>"), "{message:?}");
    for body in [&message.text, &message.html] {
        assert!(body.contains(&format!("{ORIGIN}/secure-account?token=")), "{body}");
        assert!(body.contains("127.0.0.1"), "{body}");
    }
}

#[tokio::test]
async fn a_new_password_is_reported_by_mail() {
    let server = SmtpServer::start(&json!({}));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    let mut client = app.signed_up("ada@x.test").await;
    let change = json!({ "current_password": PASSWORD, "password": "another long phrase" });
    client.post_json("/api/auth/change-password", change.to_string()).await.expect(StatusCode::OK);
    let messages = server.wait_for("ada@x.test", "Your password was changed", 1).await;
    assert_eq!(messages[0].header("subject"), "Your password was changed – Tea & Co");
}

#[tokio::test]
async fn while_the_server_is_down_or_busy_mail_waits_and_nothing_is_lost() {
    let server = SmtpServer::start(&json!({ "failures": 2 }));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    app.signed_up("ada@x.test").await;
    new_device(&app, "ada@x.test").await;
    new_device(&app, "ada@x.test").await;
    let arrive = async || {
        app.clock.advance(Duration::SECOND);
        server.messages().len() >= 3
    };
    eventually(TIMEOUT, "the mail does not come", arrive).await;
    let ids: BTreeSet<_> = server.messages().iter().map(|m| m.header("message-id").to_owned()).collect();
    assert_eq!(ids.len(), 3, "each was sent once");
}

#[tokio::test]
async fn a_mail_whose_answer_was_lost_is_sent_again_with_the_same_message_id() {
    let server = SmtpServer::start(&json!({ "drops": 1 }));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    app.signed_up("ada@x.test").await;
    let arrive = async || {
        app.clock.advance(Duration::SECOND);
        server.messages().len() >= 2
    };
    eventually(TIMEOUT, "it is not tried again", arrive).await;
    let messages = server.messages();
    assert_eq!(messages[0].header("message-id"), messages[1].header("message-id"));
}

#[tokio::test]
async fn mail_that_was_written_and_not_sent_is_sent_after_a_restart() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let app = application(&format!("smtp://{nobody}")).await;
    app.signed_up("ada@x.test").await;
    new_device(&app, "ada@x.test").await;

    let server = SmtpServer::start(&json!({}));
    let mailing = Mailing::Sent(mailer(&format!("smtp://127.0.0.1:{}", server.port)));
    let restarted = Options { mailing, ..Options::default() };
    let _app = build(&restarted, app.stores.clone(), app.clock.clone()).await;
    let arrives = async || {
        app.clock.advance(Duration::SECOND);
        !server.messages().is_empty()
    };
    eventually(TIMEOUT, "the mail does not come", arrives).await;
}

#[tokio::test]
async fn a_refused_mailbox_is_given_up_and_delays_no_other_mail() {
    let server = SmtpServer::start(&json!({ "refused": "gone@x.test" }));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    app.signed_up("gone@x.test").await;
    app.signed_up("ada@x.test").await;
    new_device(&app, "gone@x.test").await;
    new_device(&app, "ada@x.test").await;
    server.wait_for("ada@x.test", NEW_DEVICE, 1).await;
    let given_up = async || {
        let now = app.clock.now();
        app.stores.outbox.take(now + Duration::HOUR, lease(now), 100).await.unwrap().is_empty()
    };
    eventually(TIMEOUT, "it is kept", given_up).await;
    assert!(server.messages().iter().all(|message| message.to == ["ada@x.test"]));
}

#[tokio::test]
async fn mail_is_sent_with_the_user_and_password_of_the_url_and_waits_while_they_are_wrong() {
    let server = SmtpServer::start(&json!({ "password": "let me in" }));
    let url = |password: &str| format!("smtp://shop:{password}@127.0.0.1:{}", server.port);
    let app = application(&url("let%20me%20in")).await;
    app.signed_up("ada@x.test").await;
    new_device(&app, "ada@x.test").await;
    let arrived = async || server.messages().len() >= 2;
    eventually(TIMEOUT, "the mail does not come", arrived).await;

    let app = application(&url("wrong")).await;
    app.signed_up("ada@x.test").await;
    wait_for_first_attempt(&app).await;
    assert_eq!(server.messages().len(), 2);
}

#[tokio::test]
async fn mail_is_sent_by_starttls_to_a_server_that_offers_it_once_its_certificate_is_trusted() {
    let folder = folder();
    let certificate = certificate(folder.path());
    let server = SmtpServer::start(&json!({ "certificate": certificate }));
    let url = format!("smtp://127.0.0.1:{}", server.port);

    let app = application(&url).await;
    app.signed_up("ada@x.test").await;
    wait_for_first_attempt(&app).await;
    assert!(server.messages().is_empty(), "no mail may arrive");

    let trusted = certificate.to_str().unwrap();
    let variables = [("SMTP_URL", url.as_str()), ("MAIL_FROM", "hello@tea.test"), ("SSL_CERT_FILE", trusted)];
    let serving = Serving::start(folder.path(), &variables);
    let post = |path, body: Value| serving.post(path, "", &body.to_string()).unwrap();
    post("/api/auth/signup", json!({ "name": "Ada", "email": "ada@x.test", "password": PASSWORD }));
    server.wait_for("ada@x.test", "Verify your email address", 1).await;
}

#[tokio::test]
async fn n32_on_this_machine_a_certificate_that_is_not_trusted_keeps_no_mail_unless_there_is_a_password_to_keep() {
    let folder = folder();
    let certificate = certificate(folder.path());
    let server = SmtpServer::start(&json!({ "certificate": certificate, "optional": true }));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    app.signed_up("ada@x.test").await;
    server.wait_for("ada@x.test", "Verify your email address", 1).await;

    let options = json!({ "certificate": certificate, "optional": true, "password": "hunter2" });
    let server = SmtpServer::start(&options);
    let app = application(&format!("smtp://shop:hunter2@127.0.0.1:{}", server.port)).await;
    app.signed_up("ada@x.test").await;
    wait_for_first_attempt(&app).await;
    assert!(server.messages().is_empty());
}

/// A mail whose acceptance cannot be read would be sent again.
#[tokio::test]
async fn n18_a_server_that_replies_in_other_bytes_than_utf8_gets_each_mail_once() {
    let folder = folder();
    let certificate = certificate(folder.path());
    for (scheme, options) in [
        ("smtp", json!({ "latin1": true })),
        ("smtp", json!({ "latin1": true, "certificate": certificate })),
        ("smtps", json!({ "latin1": true, "certificate": certificate, "smtps": true })),
    ] {
        let (server, data) = (SmtpServer::start(&options), folder.path().join("data"));
        let url = format!("{scheme}://127.0.0.1:{}", server.port);
        let variables = [
            ("SMTP_URL", url.as_str()),
            ("MAIL_FROM", "hello@tea.test"),
            ("SSL_CERT_FILE", certificate.to_str().unwrap()),
            ("DATA_DIR", data.to_str().unwrap()),
        ];
        let mut serving = Serving::start(folder.path(), &variables);
        let form = json!({ "name": "Ada", "email": "ada@x.test", "password": PASSWORD });
        serving.post("/api/auth/signup", "", &form.to_string()).unwrap();
        server.wait_for("ada@x.test", "Verify your email address", 1).await;
        // What was begun is finished first.
        serving.terminate();
        let clock = Arc::new(FakeClock::new());
        let store = Embedded::open(&data, clock).await.unwrap();
        assert!(Outbox::latest(&store, 1).await.unwrap().is_empty(), "{options}: it would be sent again");
        store.close().await;
        std::fs::remove_dir_all(&data).unwrap();
    }

    let server = SmtpServer::start(&json!({ "latin1": true, "refused": "gone@x.test" }));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    app.signed_up("gone@x.test").await;
    let given_up = async || app.stores.outbox.latest(1).await.unwrap().is_empty();
    eventually(TIMEOUT, "it is kept", given_up).await;
}

/// Returns how many bytes of a line without an end a mailer reads.
async fn read_without_end(url: impl Fn(u16) -> String) -> usize {
    use tokio::io::AsyncWriteExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let flood = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut written = 0;
        let digits = vec![b'2'; 1 << 16];
        while written < 64 << 20 && stream.write_all(&digits).await.is_ok() {
            written += 1 << 16;
        }
        written
    });
    let app = App::new().await;
    delivery::told(&app, "Ada", "ada@x.test").await;
    let mail = app.stores.outbox.latest(1).await.unwrap().remove(0);
    let sent = mailer(&url(port)).send(&mail).await;
    assert!(matches!(sent, Err(doorstep::accounts::ports::MailerError::Failed(_))), "{sent:?}");
    flood.await.unwrap()
}

#[tokio::test]
async fn n32_a_line_without_an_end_does_not_fill_the_memory() {
    // What the system keeps between the two sides counts as well.
    let read = read_without_end(|port| format!("smtp://127.0.0.1:{port}")).await;
    assert!(read < 32 << 20, "{read}");
}

#[tokio::test]
async fn smtps_is_encrypted_from_the_start() {
    let folder = folder();
    let certificate = certificate(folder.path());
    let server = SmtpServer::start(&json!({ "certificate": certificate, "smtps": true }));
    let url = format!("smtps://127.0.0.1:{}", server.port);

    let app = application(&url).await;
    app.signed_up("ada@x.test").await;
    wait_for_first_attempt(&app).await;
    assert!(server.messages().is_empty(), "no mail may arrive");

    let trusted = certificate.to_str().unwrap();
    let variables = [("SMTP_URL", url.as_str()), ("MAIL_FROM", "hello@tea.test"), ("SSL_CERT_FILE", trusted)];
    let serving = Serving::start(folder.path(), &variables);
    let form = json!({ "name": "Ada", "email": "ada@x.test", "password": PASSWORD });
    serving.post("/api/auth/signup", "", &form.to_string()).unwrap();
    server.wait_for("ada@x.test", "Verify your email address", 1).await;
}

#[tokio::test]
async fn a_silent_mail_server_delays_no_request() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let app = application(&format!("smtp://{}", silent.local_addr().unwrap())).await;
    let mut client = app.signed_up("ada@x.test").await;
    // The message is being sent, without a time limit here.
    let (_connection, _) = silent.accept().await.unwrap();
    client.log_out().await.expect(StatusCode::OK);
    client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    let later = app.clock.now() + Duration::HOUR;
    let kept = app.stores.outbox.take(later, lease(later), 1).await.unwrap().pop().unwrap();
    assert_eq!(kept.mail.to.as_str(), "ada@x.test");
}

#[tokio::test]
async fn r1_mail_reaches_an_internationalised_address() {
    let server = SmtpServer::start(&json!({}));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    for (typed, to) in [("ada@Bücher.test", "ada@xn--bcher-kva.test"), ("José@x.test", "josé@x.test")] {
        app.signed_up(typed).await;
        server.wait_for(to, "Verify your email address", 1).await;
    }
}

#[tokio::test]
async fn header_characters_in_a_name_are_plain_text() {
    let server = SmtpServer::start(&json!({}));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    // A name that looks like an address is left out. A name with header characters is plain text.
    for (name, email, is_shown) in [
        ("Ada\" <eve@x.test>, \"Bcc: eve@x.test", "ada@x.test", false),
        ("Ada\" <Eve>, \"Bcc; Eve", "bob@x.test", true),
    ] {
        delivery::told(&app, name, email).await;
        let messages = server.wait_for(email, NEW_DEVICE, 1).await;
        assert!(!messages[0].headers.contains_key("bcc"), "{messages:?}");
        assert_eq!(messages[0].text.contains(name), is_shown, "{messages:?}");
        assert!(is_shown || !messages[0].text.contains("eve@x.test"), "{messages:?}");
    }
}
