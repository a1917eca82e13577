//! The contents of stores while mail with tokens is pending, and after the tokens were used.

use std::{collections::HashSet, mem::discriminant};

use axum::http::StatusCode;
use doorstep::{
    accounts::{Mail, MailId, MailKind, ports::MailRenderer},
    composition::Mailing,
};
use serde_json::{Value, json};

use super::{
    TIMEOUT, mailer, sender,
    world::{Place, code_in, links, on_both_stores},
};
use crate::{
    http::harness::{App, Client, Options, PASSWORD},
    leaks::Secrets,
    support::eventually,
};

on_both_stores![v2_neither_the_store_nor_the_outbox_holds_a_token];

const NEW: &str = "four quiet otters";
const NEWER: &str = "nine short badgers";

/// A shop whose mail server does not answer: all mail stays in the outbox, where the test reads it.
struct Scene<'a> {
    place: &'a Place,
    app: App,
    secrets: Secrets,
    read: Vec<MailId>,
    kinds: HashSet<std::mem::Discriminant<MailKind>>,
}

impl<'a> Scene<'a> {
    async fn new(place: &'a Place) -> Self {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mailing = Mailing::Sent(mailer(&format!("smtp://{nobody}")));
        let app = place.app(Options { mailing, requires_verified_email: true, ..Options::default() }).await;
        let mut secrets = Secrets::default();
        for password in [PASSWORD, NEW, NEWER] {
            secrets.add("the password", password);
        }
        Self { place, app, secrets, read: Vec::new(), kinds: HashSet::new() }
    }

    /// Posts JSON, and records every secret of the response.
    async fn post(&mut self, client: &mut Client, path: &str, body: Value, status: StatusCode) {
        client.post_json(path, body.to_string()).await.expect(status);
        self.note_cookies(client);
    }

    fn note_cookies(&mut self, client: &Client) {
        // The cookie of form state only gives access to the form input.
        for (name, value) in client.cookies.iter().filter(|(name, _)| *name != "form") {
            self.secrets.add(name, value);
        }
    }

    /// Waits for an unread mail to this address with this subject, and returns its text.
    async fn mail(&mut self, to: &str, subject: &str) -> String {
        let mut found = None;
        eventually(TIMEOUT, &format!("\"{subject}\" to {to} does not come"), async || {
            let waiting = self.app.stores.outbox.latest(1000).await.unwrap();
            let mut unread = waiting.into_iter().filter(|mail| !self.read.contains(&mail.id));
            found = unread.find(|mail| mail.to.as_str() == to && sender().write(mail).unwrap().subject == subject);
            found.is_some()
        })
        .await;
        self.read(&found.unwrap())
    }

    fn read(&mut self, mail: &Mail) -> String {
        let written = sender().write(mail).unwrap();
        let found = links(&written.text).collect::<Vec<_>>();
        let has_none = matches!(mail.letter, MailKind::AddressTaken(_) | MailKind::EmailChangeUndone(_));
        assert_eq!(found.is_empty(), has_none, "{written:?}");
        for (page, token) in found {
            self.secrets.add(page, token);
        }
        if let Some(code) = code_in(&written.text) {
            self.secrets.add_code(&written.subject, code);
        }
        self.read.push(mail.id);
        self.kinds.insert(discriminant(&mail.letter));
        written.text
    }

    async fn check(&self, when: &str) {
        let dump = self.place.dump(&self.app).await;
        self.secrets.assert_not_in(&dump, &format!("the store {when}"));
    }
}

fn token(text: &str, page: &str) -> String {
    links(text).find(|(to, _)| *to == page).unwrap_or_else(|| panic!("no link: {text}")).1.to_owned()
}

async fn v2_neither_the_store_nor_the_outbox_holds_a_token(place: &Place) {
    let mut scene = Scene::new(place).await;
    let (mut ada, mut elsewhere) = (scene.app.client(), scene.app.client());
    let sign_up = |email: &str, password: &str| json!({ "name": "Ada", "email": email, "password": password });

    scene.post(&mut ada, "/api/auth/signup", sign_up("ada@x.test", PASSWORD), StatusCode::ACCEPTED).await;
    scene.mail("ada@x.test", "Verify your email address").await;
    scene.check("while a verification waits").await;
    scene.post(&mut ada, "/api/auth/verify-email/resend", json!({}), StatusCode::OK).await;
    let mail = scene.mail("ada@x.test", "Verify your email address").await;
    ada.post_form("/api/auth/verify-email", &[("code", "12"), ("token", "")]).await;
    scene.check("after a wrong code").await;
    let verify = json!({ "token": token(&mail, "/verify-email") });
    scene.post(&mut ada, "/api/auth/verify-email", verify, StatusCode::OK).await;
    scene.check("after a verification").await;

    let login = json!({ "email": "ada@x.test", "password": PASSWORD });
    scene.post(&mut elsewhere, "/api/auth/login", login, StatusCode::OK).await;
    scene.mail("ada@x.test", "New login to your account").await;
    let mut stranger = scene.app.client();
    scene.post(&mut stranger, "/api/auth/signup", sign_up("ada@x.test", NEW), StatusCode::ACCEPTED).await;
    scene.mail("ada@x.test", "You already have an account").await;
    scene.check("while notices wait").await;

    let forgotten = json!({ "email": "ada@x.test" });
    scene.post(&mut elsewhere, "/api/auth/forgot-password", forgotten.clone(), StatusCode::OK).await;
    let mail = scene.mail("ada@x.test", "Reset your password").await;
    scene.check("while a reset waits").await;
    let reset = token(&mail, "/reset-password");
    elsewhere.post_form("/api/auth/reset-password", &[("token", &reset), ("password", "password123")]).await;
    scene.check("after a weak password").await;
    let form = json!({ "token": reset, "password": NEW });
    scene.post(&mut elsewhere, "/api/auth/reset-password", form, StatusCode::OK).await;
    scene.mail("ada@x.test", "Your password was changed").await;
    scene.check("after a reset").await;

    scene.post(&mut ada, "/api/auth/login", json!({ "email": "ada@x.test", "password": NEW }), StatusCode::OK).await;
    scene.post(&mut ada, "/api/auth/change-email", json!({ "email": "new@x.test" }), StatusCode::OK).await;
    let mail = scene.mail("new@x.test", "Confirm your new email address").await;
    scene.mail("ada@x.test", "Someone asked to change your email address").await;
    scene.check("while a change of the address waits").await;
    let change = json!({ "code": code_in(&mail).unwrap() });
    scene.post(&mut ada, "/api/auth/change-email/confirm", change, StatusCode::OK).await;
    let undo = scene.mail("ada@x.test", "Your email address was changed").await;
    scene.check("after a change of the address").await;
    let secure = json!({ "token": token(&undo, "/secure-account") });
    scene.post(&mut stranger, "/api/auth/secure-account", secure, StatusCode::OK).await;
    let mail = scene.mail("ada@x.test", "Reset your password").await;
    scene.mail("new@x.test", "A change of your email address was undone").await;
    scene.check("after a change of the address was undone").await;
    let form = json!({ "token": token(&mail, "/reset-password"), "password": NEWER });
    scene.post(&mut elsewhere, "/api/auth/reset-password", form, StatusCode::OK).await;

    let mut bob = scene.app.client();
    scene.post(&mut bob, "/api/auth/signup", sign_up("bob@x.test", NEW), StatusCode::ACCEPTED).await;
    let mail = scene.mail("bob@x.test", "Verify your email address").await;
    let verify = json!({ "token": token(&mail, "/verify-email") });
    let reclaimed = stranger.post_json("/api/auth/verify-email", verify.to_string()).await.expect(StatusCode::OK);
    scene.secrets.add("the link after a reclaim", reclaimed.location().split_once("?token=").unwrap().1);
    let form = json!({ "email": "ada@x.test", "password": NEWER });
    scene.post(&mut elsewhere, "/api/auth/login", form, StatusCode::OK).await;
    scene.post(&mut elsewhere, "/api/auth/change-email", json!({ "email": "bob@x.test" }), StatusCode::OK).await;
    scene.mail("bob@x.test", "This email address is already in use").await;
    scene.check("at the end").await;

    // Each kind of mail occurred, with many secrets.
    assert_eq!(scene.kinds.len(), 11);
    assert!(scene.secrets.len() > 30, "{}", scene.secrets.len());
}
