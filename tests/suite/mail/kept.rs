//! Mail without a server.

use std::sync::Arc;

use axum::http::StatusCode;
use doorstep::{
    accounts::{DevMailbox, ports::Clock},
    composition::Mailing,
};
use serde_json::json;
use time::Duration;

use super::{NEW_DEVICE, application, new_device, sender, server::SmtpServer};
use crate::{
    http::harness::{App, ORIGIN, Options},
    stores::{harness::World, outbox::mail_to},
};

#[tokio::test]
async fn without_a_mail_server_mail_is_shown_on_a_developers_machine_and_nowhere_else() {
    let options = Options { mailing: Mailing::Kept(Arc::new(sender())), ..Options::default() };
    let app = App::with(options.clone()).await;
    let none_yet = app.client().get_page("/dev/mail").await.expect(StatusCode::OK).body;
    assert!(none_yet.contains("No emails yet"), "{none_yet}");
    app.signed_up("ada@x.test").await;
    let mut client = new_device(&app, "ada@x.test").await;
    assert!(client.get_page("/forgot-password").await.body.contains("href=\"/dev/mail\""));
    // Also after a restart.
    let restarted = app.again(options).await;
    let page = restarted.client().get_page("/dev/mail").await.expect(StatusCode::OK).body;
    assert!(page.contains(NEW_DEVICE) && page.contains("ada@x.test</p>"), "{page}");
    assert!(page.contains(&format!("href=\"{ORIGIN}/secure-account?token=")), "{page}");

    let server = SmtpServer::start(&json!({}));
    let sending = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    for app in [sending, App::new().await] {
        app.client().get_page("/dev/mail").await.expect(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_developers_mailbox_keeps_only_the_latest_mails() {
    let app = App::new().await;
    let ada = World::embedded().await.new_customer("ada@x.test");
    app.stores.customers.create(&ada, None, None).await.unwrap();
    let kept = DevMailbox::new(app.stores.outbox.clone(), Arc::new(sender()));
    for count in [50, 251] {
        for _ in 0..count {
            app.clock.advance(Duration::SECOND);
            app.stores.outbox.add(&mail_to(&ada, app.clock.now())).await.unwrap();
        }
        let latest = app.stores.outbox.latest(50).await.unwrap();
        kept.remove_the_oldest().await.unwrap();
        assert_eq!(app.stores.outbox.latest(1000).await.unwrap(), latest);
    }
}
