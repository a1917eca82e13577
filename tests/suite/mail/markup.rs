//! Names that would be markup, a script or an attribute if they were not escaped.

use std::sync::Arc;

use axum::http::StatusCode;
use doorstep::{
    accounts::{
        Client, Device, LinkId, Mail, MailKind,
        ports::{Clock, MailRenderer},
    },
    composition::Mailing,
    domain::{Language, PersonName},
};
use serde_json::json;
use time::Duration;

use super::{SmtpServer, application, sender, world::code_in};
use crate::{
    http::{
        harness::{App, Options, PASSWORD},
        html::{Tag, code, forms, page_paths, tags, text, urls},
    },
    stores::{harness::World, outbox::mail_to},
};

/// A harmless name, as long as the others.
const PLAIN: &str = "Zebedee";

/// Names for each place where one could take effect: content, attributes, scripts and JSON.
const HOSTILE: [&str; 5] = [
    "<img src=x onerror=alert(1)><b>&amp;{{",
    "</title></textarea></script><script>alert(1)</script>",
    "\" onmouseover=alert(1) autofocus x=\"",
    "' onmouseover=alert(1) autofocus x='",
    "\\\"};alert(1)//\\u003cimg src=x>-->",
];

/// Returns a page's structure: its elements, the names of their attributes, and the targets of its links.
fn shape(page: &str) -> (Vec<(String, Vec<String>)>, Vec<String>) {
    let shape = |tag: Tag| (tag.name, tag.attributes.into_keys().collect());
    let without_token = |url: String| url.split("?token=").next().unwrap_or_default().to_owned();
    (tags(page).into_iter().map(shape).collect(), urls(page).into_iter().map(without_token).collect())
}

/// Returns every page as a signed-in customer with this name sees it, and the page after a failed sign-up.
async fn pages(name: &str) -> Vec<(String, String)> {
    let app = App::with(Options { mailing: Mailing::Kept(Arc::new(sender())), ..Options::default() }).await;
    let mut client = app.client();
    let form = json!({ "name": name, "email": "ada@x.test", "password": PASSWORD });
    client.post_json("/api/auth/signup", form.to_string()).await.expect(StatusCode::CREATED);
    // Mail greets a customer by name only after the address is verified.
    let [mail] = &app.stores.outbox.latest(1).await.unwrap()[..] else { panic!("no mail") };
    let mail = sender().write(mail).unwrap();
    let form = json!({ "code": code_in(&mail.text).unwrap() });
    client.post_json("/api/auth/verify-email", form.to_string()).await.expect(StatusCode::OK);
    // A second later, since the list shows the newest mail first.
    app.clock.advance(Duration::SECOND);
    client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    app.client().log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    let mut pages = Vec::new();
    for path in page_paths().into_iter().chain(["/nothing".to_owned()]) {
        let page = client.get_page(&path).await;
        // Pages for visitors only redirect a customer.
        assert!([StatusCode::OK, StatusCode::SEE_OTHER, StatusCode::NOT_FOUND].contains(&page.status), "{page:?}");
        pages.push((path, page.body));
    }
    let mut visitor = app.client();
    let fields = [("name", name), ("email", "ada@no address"), ("password", "short")];
    visitor.post_form("/api/auth/signup", &fields).await.expect(StatusCode::SEE_OTHER);
    pages.push(("a faulty sign-up".to_owned(), visitor.get_page("/signup").await.body));
    pages
}

/// Returns true for a mail without this name in its greeting, because the name looks like a link.
fn is_unnamed(place: &str, name: &str) -> bool {
    name.contains('/') && ["/dev/mail", "a mail"].contains(&place)
}

/// Checks that a text with this name equals the `plain` one except for the name, which is shown literally.
fn expect_inert(place: &str, name: &str, plain: &str, page: &str) -> bool {
    assert_eq!(shape(page), shape(plain), "{place}: {page}");
    assert!(!code(page).iter().any(|code| code.contains("alert(1)")), "{place}: {page}");
    // The properties of a form's scripts.
    for props in tags(page).iter().filter_map(|tag| tag.attributes.get("data-props")) {
        serde_json::from_str::<serde_json::Value>(props).unwrap_or_else(|error| panic!("{place}: {error}: {props}"));
    }
    let is_shown = text(plain).contains(PLAIN);
    if is_shown && is_unnamed(place, name) {
        return false;
    }
    assert_eq!(text(page).contains(name), is_shown, "{place}: {page}");
    is_shown
}

#[tokio::test]
async fn c7_a_name_full_of_markup_is_inert_wherever_it_is_shown() {
    let plain = pages(PLAIN).await;
    for name in HOSTILE {
        let mut shown = Vec::new();
        for ((path, plain), (_, page)) in plain.iter().zip(pages(name).await) {
            if expect_inert(path, name, plain, &page) {
                shown.push(path.as_str());
            }
            for (form, plain) in forms(&page).into_iter().zip(forms(plain)) {
                let values = form.fields.iter().zip(plain.fields);
                for ((field, value), _) in values.filter(|(_, (_, plain))| plain == PLAIN) {
                    assert_eq!(value, name, "{field} on {path}");
                }
            }
        }
        for path in ["/", "/account", "/dev/mail"] {
            assert!(shown.contains(&path) || is_unnamed(path, name), "{path} does not show the name: {shown:?}");
        }
    }
}

/// Returns one mail of each kind.
fn letters() -> [MailKind; 11] {
    let client = || Client { address: [192, 0, 2, 7].into(), device: Device::default(), language: None };
    let id = LinkId::from_bytes([7; 16]);
    let letters = [
        MailKind::NewDevice(client()),
        MailKind::PasswordChanged(client()),
        MailKind::EmailChangeProposed(client()),
        MailKind::EmailChanged(client()),
        MailKind::EmailChangeUndone(client()),
        MailKind::ResetPassword(id, client()),
        MailKind::AccountSecured(id, client()),
        MailKind::VerifyEmail(id, client()),
        MailKind::AlreadyCustomer(id, client()),
        MailKind::ChangeEmail(id, client()),
        MailKind::AddressTaken(client()),
    ];
    let kinds: std::collections::HashSet<_> = letters.iter().map(std::mem::discriminant).collect();
    assert_eq!(kinds.len(), letters.len());
    letters
}

/// Returns each kind of mail to a person with this name, as HTML.
async fn mails(name: &str) -> Vec<String> {
    let server = SmtpServer::start(&json!({}));
    let app = application(&format!("smtp://127.0.0.1:{}", server.port)).await;
    let mut ada = World::embedded().await.new_customer("ada@x.test");
    ada.customer.name = PersonName::from_store(name.to_owned());
    app.stores.customers.create(&ada, None, None).await.unwrap();
    let mut mails = Vec::new();
    for letter in letters() {
        let mail = Mail { letter, language: Language::English, ..mail_to(&ada, app.clock.now()) };
        let subject = sender().write(&mail).unwrap().subject;
        app.stores.outbox.add(&mail).await.unwrap();
        let [message] = &server.wait_for("ada@x.test", &subject, 1).await[..] else { panic!("{subject} came twice") };
        mails.push(message.html.clone());
    }
    mails
}

#[tokio::test]
async fn c7_a_name_full_of_markup_is_inert_in_every_mail() {
    let plain = mails(PLAIN).await;
    for name in HOSTILE {
        let mut shown = 0;
        for (plain, mail) in plain.iter().zip(mails(name).await) {
            shown += usize::from(expect_inert("a mail", name, plain, &mail));
        }
        let greeted = if is_unnamed("a mail", name) { 0 } else { 7 };
        assert_eq!(shown, greeted, "each mail to an owner");
    }
}
