//! Any reply of a mail server, any stored content and any recipient: none of them blocks other mail.

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::StatusCode;
use doorstep::{
    accounts::{
        Mail, MailWorker,
        ports::{Clock, Mailer, MailerError},
    },
    adapters::{
        mail::{Sender, SmtpMailer},
        randomness::SystemRandomness,
    },
    domain::{Event, PersonName},
};
use serde_json::{Value, json};
use time::Duration;

use super::{Message, NEW_DEVICE, SmtpServer, TIMEOUT, application, mailer, new_device};
use crate::{
    http::harness::{App, PASSWORD},
    stores::{harness::World, outbox::mail_to},
    support::eventually,
};

/// Adds a notice to the outbox, for a verified customer with this name.
pub(super) async fn told(app: &App, name: &str, email: &str) {
    let mut new = World::embedded().await.new_customer(email);
    new.customer.name = PersonName::from_store(name.to_owned());
    app.stores.customers.create(&new, None, None).await.unwrap();
    let mail = Mail { language: doorstep::domain::Language::English, ..mail_to(&new, app.clock.now()) };
    app.stores.outbox.add(&mail).await.unwrap();
}

/// Tries to send all due mail once with this mailer.
async fn deliver(app: &App, mailer: Arc<dyn Mailer>) {
    let mail_worker = MailWorker::new(app.clock.clone(), Arc::new(SystemRandomness), app.stores.outbox.clone(), mailer);
    assert!(mail_worker.deliver_due().await.unwrap());
}

/// Tries to send a mail to this address once, with a server with these options. Returns true if the mail is kept.
async fn is_kept(options: Value, email: &str) -> bool {
    let (server, app) = (SmtpServer::start(&options), App::new().await);
    told(&app, "Ada", email).await;
    deliver(&app, mailer(&format!("smtp://127.0.0.1:{}", server.port))).await;
    assert!(server.messages().is_empty());
    !app.stores.outbox.latest(1).await.unwrap().is_empty()
}

#[tokio::test]
async fn n15_d4_a_stored_name_that_is_invalid_as_a_header_stops_no_mail() {
    let server = SmtpServer::start(&json!({}));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    let names = [
        "Ada\r\nBcc: eve@x.test",
        "Ada\n",
        "\n",
        "\0",
        "",
        "\u{2028}\u{202e}adA",
        &"long ".repeat(20_000),
        &"é".repeat(5000),
        "=?utf-8?q?x?=",
    ];
    for (number, name) in names.into_iter().enumerate() {
        told(&app, name, &format!("{number}@x.test")).await;
    }
    told(&app, "Eve", "last@x.test").await;
    for number in 0..names.len() {
        let messages = server.wait_for(&format!("{number}@x.test"), NEW_DEVICE, 1).await;
        assert!(!messages[0].headers.contains_key("bcc"), "{messages:?}");
        assert!(messages[0].text.len() < 5000, "{messages:?}");
    }
    server.wait_for("last@x.test", NEW_DEVICE, 1).await;
    app.client().get("/readyz").await.expect(StatusCode::OK);
}

/// A mailer that panics for one mailbox.
struct Panicking(Arc<dyn Mailer>);

#[async_trait]
impl Mailer for Panicking {
    async fn send(&self, mail: &Mail) -> Result<(), MailerError> {
        assert_ne!(mail.to.as_str(), "odd@x.test", "on purpose");
        self.0.send(mail).await
    }
}

#[tokio::test]
async fn n15_d4_a_mail_that_makes_the_mailer_panic_waits_and_the_others_are_sent() {
    let server = SmtpServer::start(&json!({}));
    let mailer = Arc::new(Panicking(mailer(&format!("smtp://127.0.0.1:{}", server.port))));
    let app = App::new().await;
    for email in ["odd@x.test", "ada@x.test"] {
        told(&app, "Ada", email).await;
    }
    deliver(&app, mailer.clone()).await;
    server.wait_for("ada@x.test", NEW_DEVICE, 1).await;
    let left = app.stores.outbox.latest(2).await.unwrap();
    assert_eq!(left.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["odd@x.test"]);
    app.clock.advance(Duration::DAY);
    deliver(&app, mailer).await;
    assert!(app.stores.outbox.latest(1).await.unwrap().is_empty(), "it is given up after a day");
}

#[tokio::test]
async fn n18_only_a_recipient_that_is_refused_for_good_is_given_up() {
    for (stage, reply, kept) in [
        ("rcpt", "550 5.1.1 no such mailbox", false),
        ("rcpt", "554 5.1.1 no such mailbox", false),
        ("rcpt", "550 no such mailbox #5.1.1", false),
        ("rcpt", "550 5.1.2 no such domain", false),
        ("rcpt", "501 5.1.3 bad address", false),
        ("rcpt", "551 5.1.6 the user has moved", false),
        ("rcpt", "556 5.1.10 the domain accepts no mail", false),
        ("rcpt", "550 5.2.1 the mailbox is disabled", false),
        ("rcpt", "550 relaying denied", true),
        ("rcpt", "550 relay not permitted", true),
        ("rcpt", "550 Sender verify failed", true),
        ("rcpt", "551 user not local", true),
        ("rcpt", "553 sorry, not in my list", true),
        ("rcpt", "550 5.1.0 address rejected", true),
        ("rcpt", "550 5.4.1 access denied", true),
        ("rcpt", "550 5.7.1 your host is blocked", true),
        ("rcpt", "553 sorry, that domain isn't in my list (#5.7.1)", true),
        ("rcpt", "550 5.1.8 the sender's domain does not exist", true),
        ("rcpt", "452 4.2.2 the mailbox is full", true),
        ("mail", "550 you are blocked", true),
        ("mail", "550 5.1.1 you are blocked", true),
        ("mail", "553 5.7.1 not your address", true),
        ("data", "550 looks like spam", true),
        ("data", "554 5.7.1 looks like spam", true),
    ] {
        assert_eq!(is_kept(json!({ "replies": { stage: reply } }), "ada@x.test").await, kept, "{stage}: {reply}");
    }
}

#[tokio::test]
async fn n18_a_mail_server_at_an_ipv6_address_is_greeted_with_the_name_of_the_site() {
    let server = SmtpServer::start(&json!({ "host": "::1" }));
    let app = application(&format!("smtp://[::1]:{}", server.port)).await;
    told(&app, "Ada", "ada@x.test").await;
    let messages = server.wait_for("ada@x.test", NEW_DEVICE, 1).await;
    assert_eq!(messages[0].hello, "localhost");
}

#[tokio::test]
async fn n18_an_address_that_the_relay_cannot_write_to_is_given_up_at_once() {
    assert!(!is_kept(json!({ "utf8": false }), "josé@x.test").await);
    let server = SmtpServer::start(&json!({ "utf8": false }));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    told(&app, "José", "jose@x.test").await;
    server.wait_for("jose@x.test", NEW_DEVICE, 1).await;
}

#[tokio::test]
async fn n32_a_sender_that_the_relay_does_not_support_costs_no_mail() {
    let (server, app) = (SmtpServer::start(&json!({ "utf8": false })), App::new().await);
    told(&app, "Ada", "ada@x.test").await;
    let sender = Sender { from: "hellö@tea.test".parse().unwrap(), ..super::sender() };
    let mailer = SmtpMailer::new(&format!("smtp://127.0.0.1:{}", server.port), sender).unwrap();
    deliver(&app, Arc::new(mailer)).await;
    assert_eq!(app.stores.outbox.latest(1).await.unwrap().len(), 1, "an operator can still fix it");
}

#[tokio::test]
async fn n18_sixty_logins_send_only_a_few_mails_and_are_all_counted_on_the_timeline() {
    let server = SmtpServer::start(&json!({}));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    app.signed_up("ada@x.test").await;
    for _ in 0..60 {
        new_device(&app, "ada@x.test").await;
    }
    server.wait_for("ada@x.test", NEW_DEVICE, 3).await;
    let waiting = async || app.stores.outbox.latest(1).await.unwrap().is_empty();
    eventually(TIMEOUT, "mail stays", waiting).await;
    let told = |messages: Vec<Message>| messages.into_iter().filter(|message| message.is_about(NEW_DEVICE)).count();
    assert_eq!(told(server.messages()), 3);
    let ada = doorstep::domain::EmailAddress::parse("ada@x.test").unwrap();
    let ada = app.stores.customers.find_by_email(&ada).await.unwrap().unwrap();
    let timeline = app.stores.timeline.activities(ada.id, app.clock.now(), 100).await.unwrap();
    let logins = timeline.iter().filter(|activity| activity.event == Event::LoggedInOnNewDevice);
    assert_eq!(logins.map(|activity| activity.count).sum::<u32>(), 60);
    app.clock.advance(Duration::HOUR);
    new_device(&app, "ada@x.test").await;
    server.wait_for("ada@x.test", NEW_DEVICE, 4).await;
}

#[tokio::test]
async fn n18_mail_to_an_unverified_address_contains_no_typed_name() {
    let server = SmtpServer::start(&json!({}));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    let mut client = app.client();
    let form = json!({ "name": "buy now http://spam.test", "email": "ada@x.test", "password": PASSWORD });
    client.post_json("/api/auth/signup", form.to_string()).await.expect(StatusCode::CREATED);
    new_device(&app, "ada@x.test").await;
    let forgot = json!({ "email": "ada@x.test" });
    client.post_json("/api/auth/forgot-password", forgot.to_string()).await;
    for subject in ["Verify your email address", NEW_DEVICE, "Reset your password"] {
        let messages = server.wait_for("ada@x.test", subject, 1).await;
        assert!(!format!("{messages:?}").contains("spam"), "{messages:?}");
    }
}
