//! Forgotten passwords: from the request of a link to a new password.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use doorstep::{accounts::ports::Clock, domain::EmailAddress};
use serde_json::json;
use time::Duration;
use tokio::task::JoinSet;

use super::world::{Place, World, on_both_stores, token};
use crate::{
    http::harness::{Answer, App, Client, ORIGIN, Options, PASSWORD, request},
    stores::harness::new_email,
};

on_both_stores![
    v6_t9_a_reset_ends_every_session_starts_none_and_is_reported,
    v1_the_answer_is_the_same_whether_there_is_an_account_or_not,
    v1_links_to_one_address_are_limited_even_if_it_has_no_account,
    v2_of_twenty_uses_of_one_link_at_once_one_succeeds,
    v2_a_link_is_valid_for_half_an_hour_and_an_invalid_password_does_not_use_it_up,
    v3_looking_at_a_link_uses_nothing_up,
    v4_a_link_leads_to_the_configured_origin_whatever_host_says,
    v7_a_newer_link_and_a_new_password_void_the_older_ones,
    c8_a_password_is_reset_without_scripts,
    t9_a_reset_does_not_sign_in_a_disabled_customer,
    n3_a_reset_makes_its_own_browser_known_and_no_copy_of_its_cookie,
    n7_a_reset_in_the_browser_of_another_customer_leaves_it_known_to_them,
];

const NEW: &str = "four quiet otters";

async fn world(place: &Place) -> World {
    place.world(Options::default()).await
}

/// Returns the token of the newest link, once this many mails have arrived.
async fn link(world: &World, count: usize) -> String {
    token(&world.mail("ada@x.test", "Reset your password", count).await, "/reset-password")
}

async fn ask(client: &mut Client, email: &str) -> Answer {
    client.post_json("/api/auth/forgot-password", json!({ "email": email }).to_string()).await
}

async fn reset(client: &mut Client, token: &str, password: &str) -> Answer {
    client.post_json("/api/auth/reset-password", json!({ "token": token, "password": password }).to_string()).await
}

async fn v6_t9_a_reset_ends_every_session_starts_none_and_is_reported(place: &Place) {
    let world = world(place).await;
    let mut phone = world.signed_up("ada@x.test").await;
    let mut client = world.client();
    ask(&mut client, "ada@x.test").await.expect(StatusCode::OK);
    let token = link(&world, 1).await;
    let answer = reset(&mut client, &token, NEW).await.expect(StatusCode::OK);
    let cookies = answer.set_cookies();
    assert!(cookies.len() == 1 && cookies[0].starts_with("browser="), "{answer:?}");
    phone.profile().await.expect(StatusCode::UNAUTHORIZED);
    client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    client.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);

    world.mail("ada@x.test", "Your password was changed", 1).await;
    let told = client.get("/api/auth/activity").await.body;
    assert!(told.contains("password_reset") && told.contains("reset_asked"), "{told}");
}

async fn t9_a_reset_does_not_sign_in_a_disabled_customer(place: &Place) {
    let world = world(place).await;
    world.signed_up("ada@x.test").await;
    let mut client = world.client();
    ask(&mut client, "ada@x.test").await.expect(StatusCode::OK);
    let before = link(&world, 1).await;
    let customers = &world.app.stores.customers;
    let ada = customers.find_by_email(&EmailAddress::parse("ada@x.test").unwrap()).await.unwrap().unwrap();
    customers.set_disabled(ada.id, true, world.app.clock.now()).await.unwrap();
    reset(&mut client, &before, NEW).await.expect(StatusCode::GONE);
    ask(&mut client, "ada@x.test").await.expect(StatusCode::OK);
    reset(&mut client, &link(&world, 2).await, NEW).await.expect(StatusCode::OK);
    assert!(client.has_no_session());
    let refused = client.log_in("ada@x.test", NEW).await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(refused.code(), "invalid_credentials");
    customers.set_disabled(ada.id, false, world.app.clock.now()).await.unwrap();
    client.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
}

async fn n3_a_reset_makes_its_own_browser_known_and_no_copy_of_its_cookie(place: &Place) {
    let world = world(place).await;
    let laptop = world.signed_up("ada@x.test").await;
    let mut copy = world.client();
    copy.cookies.insert("browser".to_owned(), laptop.cookies["browser"].clone());
    let mut client = copy.clone();
    ask(&mut client, "ada@x.test").await.expect(StatusCode::OK);
    reset(&mut client, &link(&world, 1).await, NEW).await.expect(StatusCode::OK);
    assert_ne!(client.cookies["browser"], copy.cookies["browser"]);
    client.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
    let told = client.get("/api/auth/activity").await.body;
    assert!(!told.contains("logged_in_on_new_device"), "{told}");
    copy.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
    world.mail("ada@x.test", "New login to your account", 1).await;

    // Changing the password has the same effect.
    let mut thief = client.clone();
    let form = json!({ "current_password": NEW, "password": PASSWORD });
    client.post_json("/api/auth/change-password", form.to_string()).await.expect(StatusCode::OK);
    assert_ne!(client.cookies["browser"], thief.cookies["browser"]);
    client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    thief.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    world.mail("ada@x.test", "New login to your account", 2).await;
}

async fn v1_the_answer_is_the_same_whether_there_is_an_account_or_not(place: &Place) {
    let world = world(place).await;
    world.signed_up("ada@x.test").await;
    let mut answers = Vec::new();
    for email in ["ada@x.test", "nobody@x.test"] {
        let mut answer = ask(&mut world.client(), email).await;
        answer.headers.remove("x-request-id");
        answers.push((answer.status, answer.headers, answer.body));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, StatusCode::OK);
    let mut client = world.client();
    ask(&mut client, "no address").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
}

async fn v1_links_to_one_address_are_limited_even_if_it_has_no_account(place: &Place) {
    let world = place.world(Options { rate_limits: true, ..Options::default() }).await;
    let (ada, nobody) = (new_email(), new_email());
    world.signed_up(&ada).await;
    for email in [&ada, &nobody] {
        let mut client = world.client();
        for _ in 0..3 {
            ask(&mut client, email).await.expect(StatusCode::OK);
        }
        let refused = ask(&mut client, email).await.expect(StatusCode::TOO_MANY_REQUESTS);
        assert!(refused.header(header::RETRY_AFTER.as_str()).parse::<u32>().unwrap() > 0);
    }
}

async fn v2_of_twenty_uses_of_one_link_at_once_one_succeeds(place: &Place) {
    let world = world(place).await;
    world.signed_up("ada@x.test").await;
    ask(&mut world.client(), "ada@x.test").await.expect(StatusCode::OK);
    let token = link(&world, 1).await;
    let mut uses = JoinSet::new();
    for number in 0..20 {
        let (mut client, token) = (world.client(), token.clone());
        uses.spawn(async move { reset(&mut client, &token, &format!("{NEW} {number}")).await.status });
    }
    let answers = uses.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::OK).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::GONE).count(), 19, "{answers:?}");
}

async fn v2_a_link_is_valid_for_half_an_hour_and_an_invalid_password_does_not_use_it_up(place: &Place) {
    let world = world(place).await;
    world.signed_up("ada@x.test").await;
    let mut client = world.client();
    ask(&mut client, "ada@x.test").await.expect(StatusCode::OK);
    let token = link(&world, 1).await;
    for password in ["short", "password123", "ada@x.test"] {
        reset(&mut client, &token, password).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
    world.app.clock.advance(Duration::minutes(30) - Duration::MILLISECOND);
    reset(&mut client, &token, NEW).await.expect(StatusCode::OK);

    ask(&mut client, "ada@x.test").await.expect(StatusCode::OK);
    let token = link(&world, 2).await;
    world.app.clock.advance(Duration::minutes(30));
    assert_eq!(reset(&mut client, &token, PASSWORD).await.expect(StatusCode::GONE).code(), "link_expired");
    for token in ["", "x", &token[1..], &format!("{token}A")] {
        reset(&mut client, token, PASSWORD).await.expect(StatusCode::GONE);
    }
    client.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
}

async fn v3_looking_at_a_link_uses_nothing_up(place: &Place) {
    let world = world(place).await;
    world.signed_up("ada@x.test").await;
    let mut client = world.client();
    ask(&mut client, "ada@x.test").await.expect(StatusCode::OK);
    let token = link(&world, 1).await;
    let path = format!("/reset-password?token={token}");
    for method in [Method::HEAD, Method::GET, Method::GET] {
        let look = request(method, &path).header(header::ACCEPT, "text/html").body(Body::empty()).unwrap();
        let page = client.send(look).await.expect(StatusCode::OK);
        assert!(page.header("cache-control").contains("no-store"), "{page:?}");
    }
    reset(&mut client, &token, NEW).await.expect(StatusCode::OK);
}

async fn v4_a_link_leads_to_the_configured_origin_whatever_host_says(place: &Place) {
    // Even if the shop allows that host name.
    let world = place.world(Options { allowed_hosts: vec!["evil.test"], ..Options::default() }).await;
    world.signed_up("ada@x.test").await;
    let mut client = world.client();
    for (name, value) in [("host", "evil.test"), ("x-forwarded-host", "evil.test")] {
        client.headers.insert(name, value.parse().unwrap());
    }
    ask(&mut client, "ada@x.test").await.expect(StatusCode::OK);
    let message = world.mail("ada@x.test", "Reset your password", 1).await;
    for body in [&message.text, &message.html] {
        assert!(body.contains(&format!("{ORIGIN}/reset-password?token=")) && !body.contains("evil"), "{body}");
    }
}

async fn v7_a_newer_link_and_a_new_password_void_the_older_ones(place: &Place) {
    let world = world(place).await;
    let mut owner = world.signed_up("ada@x.test").await;
    let mut client = world.client();
    ask(&mut client, "ada@x.test").await.expect(StatusCode::OK);
    let first = link(&world, 1).await;
    ask(&mut client, "ada@x.test").await.expect(StatusCode::OK);
    let second = link(&world, 2).await;
    reset(&mut client, &first, NEW).await.expect(StatusCode::GONE);

    let change = json!({ "current_password": PASSWORD, "password": "another long phrase" });
    owner.post_json("/api/auth/change-password", change.to_string()).await.expect(StatusCode::OK);
    reset(&mut client, &second, NEW).await.expect(StatusCode::GONE);
    owner.profile().await.expect(StatusCode::OK);
}

async fn c8_a_password_is_reset_without_scripts(place: &Place) {
    let world = world(place).await;
    world.signed_up("ada@x.test").await;
    let mut client = world.client();
    assert!(client.get_page("/login").await.body.contains("href=\"/forgot-password\""));
    let sent = client.post_form("/api/auth/forgot-password", &[("email", "ada@x.test")]).await;
    assert_eq!(sent.location(), "/forgot-password");
    assert!(client.get_page("/forgot-password").await.body.contains("a link is on its way"));

    let token = link(&world, 1).await;
    let page = format!("/reset-password?token={token}");
    let form = client.get_page(&page).await.expect(StatusCode::OK).body;
    assert!(form.contains(&format!("value=\"{token}\"")), "{form}");
    let short = client.post_form("/api/auth/reset-password", &[("token", &token), ("password", "short")]).await;
    assert_eq!(short.location(), page);
    assert!(client.get_page(&page).await.body.contains("At least 8 characters"));
    let done = client.post_form("/api/auth/reset-password", &[("token", &token), ("password", NEW)]).await;
    assert_eq!(done.location(), "/reset-password");
    let page = client.get_page("/reset-password").await.body;
    assert!(page.contains("Your password has been changed") && page.contains("href=\"/login\""), "{page}");

    let used = client.post_form("/api/auth/reset-password", &[("token", &token), ("password", NEW)]).await;
    assert_eq!(used.location(), "/reset-password");
    let page = client.get_page("/reset-password").await.body;
    assert!(
        page.contains("This link has expired or was already used. Request a new one.")
            && page.contains("href=\"/forgot-password\""),
        "{page}"
    );
}

#[tokio::test]
async fn without_mail_no_reset_can_be_requested_and_the_page_says_so() {
    let app = App::new().await;
    app.signed_up("ada@x.test").await;
    let mut client = app.client();
    ask(&mut client, "ada@x.test").await.expect(StatusCode::NOT_FOUND);
    assert!(client.get_page("/forgot-password").await.body.contains("This shop doesn't send emails."));
    assert!(!client.get_page("/login").await.body.contains("/forgot-password"));
}

/// Ada resets her password in Bob's browser, where he is signed in. Later one of his responses is lost.
async fn n7_a_reset_in_the_browser_of_another_customer_leaves_it_known_to_them(place: &Place) {
    let world = world(place).await;
    let mut browser = world.signed_up("bob@x.test").await;
    world.signed_up("ada@x.test").await;
    ask(&mut world.client(), "ada@x.test").await.expect(StatusCode::OK);
    let answer = reset(&mut browser, &link(&world, 1).await, NEW).await.expect(StatusCode::OK);
    assert_eq!(answer.set_cookies(), [""; 0]);
    let without_answer = browser.clone();
    browser.clone().refresh().await.expect(StatusCode::OK);
    world.app.clock.advance(Duration::seconds(30));
    let mut browser = without_answer;
    browser.refresh().await.expect(StatusCode::OK);
    browser.log_in("bob@x.test", PASSWORD).await.expect(StatusCode::OK);
    let told = browser.get("/api/auth/activity").await.body;
    assert!(!told.contains("token_reused") && !told.contains("logged_in_on_new_device"), "{told}");
    browser.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
}
