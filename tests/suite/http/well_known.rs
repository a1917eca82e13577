//! Well-known files for password managers, crawlers and security researchers.

use axum::http::StatusCode;
use doorstep::{
    accounts::ports::Clock,
    workers::{Worker, Workers},
};
use serde_json::json;
use time::Duration;
use url::Url;

use super::harness::{App, ORIGIN, Options};
use crate::{mail::server::TIMEOUT, support::eventually};

#[tokio::test]
async fn a_password_manager_is_led_to_the_page_that_changes_passwords() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let answer = client.get("/.well-known/change-password").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/account/security");
    client.get_page(answer.location()).await.expect(StatusCode::OK);
    // Password managers use this to check that the site returns correct status codes.
    let nothing = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    client.get(nothing).await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn crawlers_are_excluded_from_private_pages() {
    let answer = App::new().await.client().get("/robots.txt").await.expect(StatusCode::OK);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let lines: Vec<_> = answer.body.lines().collect();
    assert_eq!(lines[0], "User-agent: *");
    for path in ["/account", "/api/", "/reset-password"] {
        assert!(lines.contains(&format!("Disallow: {path}").as_str()), "{path}");
    }
    // Crawlers may read the public pages.
    assert!(!["/", "/login", "/signup"].iter().any(|path| lines.contains(&format!("Disallow: {path}").as_str())));
}

#[tokio::test]
async fn security_txt_names_the_contact_if_the_shop_configures_one() {
    let contact = Some(Url::parse("mailto:security@shop.test").unwrap());
    let app = App::with(Options { security_contact: contact, ..Options::default() }).await;
    let answer = app.client().get("/.well-known/security.txt").await.expect(StatusCode::OK);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let lines: Vec<_> = answer.body.lines().collect();
    let [contact, expires, canonical] = lines[..] else { panic!("{lines:?}") };
    assert_eq!(contact, "Contact: mailto:security@shop.test");
    assert_eq!(canonical, format!("Canonical: {ORIGIN}/.well-known/security.txt"));
    let day = (app.clock.now() + Duration::days(180)).date();
    assert_eq!(expires, format!("Expires: {day}T00:00:00Z"));

    App::new().await.client().get("/.well-known/security.txt").await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn n15_d4_a_background_task_that_fails_makes_the_program_unready_and_is_named() {
    let workers = Workers::new();
    let app = App::with(Options { workers: Some(workers.clone()), ..Options::default() }).await;
    app.client().get("/readyz").await.expect(StatusCode::OK);
    // It ends by itself, which a healthy task never does.
    workers.run(Worker::CustomerChanges, || std::future::ready(()));
    eventually(TIMEOUT, "it goes on", async || !workers.failing().is_empty()).await;
    let answer = app.client().get("/readyz").await.expect(StatusCode::SERVICE_UNAVAILABLE);
    let expected = json!({ "ready": false, "unavailable": [], "failing_tasks": ["customer_changes"] });
    assert_eq!(answer.json(), expected);
}
