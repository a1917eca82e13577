//! Verifying an address: from the sign-up to a usable account.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use doorstep::{accounts::ports::Clock, domain::EmailAddress};
use serde_json::json;
use time::Duration;
use tokio::task::JoinSet;

use super::{
    server::TIMEOUT,
    world::{Place, World, code, on_both_stores, token},
};
use crate::{
    http::harness::{Answer, App, Client, ORIGIN, Options, PASSWORD, request},
    support::eventually,
};

on_both_stores![
    r2_a_new_and_a_taken_address_get_the_same_answer_without_a_session,
    r2_the_owner_of_a_taken_address_is_notified_with_a_link_to_reset_the_password,
    r2_a_login_to_an_unverified_account_is_answered_as_if_there_were_no_account,
    the_link_signs_in_the_browser_that_signed_up_and_is_used_up,
    v5_the_code_signs_in_the_browser_that_signed_up_and_no_other,
    r3_a_link_opened_elsewhere_revokes_the_password_and_leads_to_a_new_one,
    r3_a_link_opened_elsewhere_ends_the_sessions_of_a_sign_up_with_a_foreign_address,
    r3_the_latest_sign_up_is_the_one_that_counts,
    r3_a_session_from_before_addresses_had_to_be_verified_ends_with_the_verification,
    a_session_from_before_addresses_had_to_be_verified_can_be_confirmed,
    g1_the_latest_sign_up_and_its_effect_on_a_customer_are_activities,
    r3_a_reset_by_mail_verifies_the_address,
    r3_a_link_that_another_customer_follows_revokes_the_password_too,
    l5_an_address_change_needs_the_password_even_if_the_address_was_just_verified,
    if_verification_is_optional_the_account_page_only_suggests_it,
    v2_of_twenty_uses_of_one_link_at_once_one_succeeds,
    v2_a_link_and_its_code_are_valid_for_a_day,
    v3_looking_at_a_link_uses_nothing_up,
    v7_a_newer_mail_voids_the_earlier_ones,
    a_login_before_the_address_is_verified_sends_another_mail,
    c8_an_address_is_verified_without_scripts,
    a_verified_customer_sees_that_the_address_is_verified_and_no_form_for_a_code,
    r3_a_sign_up_without_reading_mail_changes_nothing_of_an_account_in_use,
    r3_a_proposal_of_the_address_changes_nothing_of_an_account_in_use,
    a_verified_address_leaves_the_sign_up_with_another_one_pending,
    an_expired_link_offers_another_mail_where_the_browser_awaits_one,
    t9_a_disabled_customer_cannot_sign_in_by_link_or_code,
    t1_a_verification_replaces_the_session_of_another_customer_in_the_same_browser,
];

const NEW: &str = "four quiet otters";
const SUBJECT: &str = "Verify your email address";

/// Returns a shop that requires verified addresses.
async fn strict(place: &Place) -> World {
    place.world(Options { requires_verified_email: true, ..Options::default() }).await
}

async fn sign_up(client: &mut Client, email: &str, password: &str) -> Answer {
    let form = json!({ "name": "Ada", "email": email, "password": password });
    client.post_json("/api/auth/signup", form.to_string()).await
}

async fn verify(client: &mut Client, token: &str) -> Answer {
    client.post_json("/api/auth/verify-email", json!({ "token": token }).to_string()).await
}

async fn type_code(client: &mut Client, code: &str) -> Answer {
    client.post_json("/api/auth/verify-email", json!({ "code": code }).to_string()).await
}

async fn resend(client: &mut Client, email: &str) -> Answer {
    client.post_json("/api/auth/verify-email/resend", json!({ "email": email }).to_string()).await
}

async fn r2_a_new_and_a_taken_address_get_the_same_answer_without_a_session(place: &Place) {
    let world = strict(place).await;
    verified(&world, "ada@x.test").await;
    let mut answers = Vec::new();
    for email in ["ada@x.test", "bob@x.test"] {
        let mut client = world.client();
        let mut answer = sign_up(&mut client, email, NEW).await.expect(StatusCode::ACCEPTED);
        client.profile().await.expect(StatusCode::UNAUTHORIZED);
        assert!(client.has_no_session(), "{answer:?}");
        answer.headers.remove("x-request-id");
        // Each browser gets its own ticket.
        let cookies: Vec<_> = answer.set_cookies().iter().map(|cookie| shape(cookie)).collect();
        answer.headers.remove(header::SET_COOKIE);
        answers.push((answer.headers, answer.body, cookies));
        // The following responses do not reveal it either.
        type_code(&mut client, "000000").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        resend(&mut client, "").await.expect(StatusCode::OK);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].1, "{}");
}

/// Returns a cookie without its value, but with the value's length.
fn shape(cookie: &str) -> (String, usize, String) {
    let (pair, attributes) = cookie.split_once(';').unwrap();
    let (name, value) = pair.split_once('=').unwrap();
    (name.to_owned(), value.len(), attributes.to_owned())
}

/// Returns a customer who has signed up and verified the address.
async fn verified(world: &World, email: &str) -> Client {
    let mut client = world.client();
    sign_up(&mut client, email, PASSWORD).await.expect(StatusCode::ACCEPTED);
    let mail = world.mail(email, SUBJECT, 1).await;
    verify(&mut client, &token(&mail, "/verify-email")).await.expect(StatusCode::OK);
    client
}

async fn r2_the_owner_of_a_taken_address_is_notified_with_a_link_to_reset_the_password(place: &Place) {
    let world = strict(place).await;
    let mut owner = verified(&world, "ada@x.test").await;
    sign_up(&mut world.client(), "ada@x.test", NEW).await.expect(StatusCode::ACCEPTED);
    let mail = world.mail("ada@x.test", "You already have an account", 1).await;
    owner.profile().await.expect(StatusCode::OK);
    owner.log_in("ada@x.test", NEW).await.expect(StatusCode::UNAUTHORIZED);
    let reset = json!({ "token": token(&mail, "/reset-password"), "password": "another long phrase" });
    world.client().post_json("/api/auth/reset-password", reset.to_string()).await.expect(StatusCode::OK);
    owner.log_in("ada@x.test", "another long phrase").await.expect(StatusCode::OK);
}

async fn r2_a_login_to_an_unverified_account_is_answered_as_if_there_were_no_account(place: &Place) {
    let world = strict(place).await;
    sign_up(&mut world.client(), "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let mut answers = Vec::new();
    for (email, password) in [("ada@x.test", PASSWORD), ("ada@x.test", NEW), ("nobody@x.test", PASSWORD)] {
        let mut answer = world.client().log_in(email, password).await.expect(StatusCode::UNAUTHORIZED);
        answer.headers.remove("x-request-id");
        answers.push((answer.headers, answer.body));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
}

async fn the_link_signs_in_the_browser_that_signed_up_and_is_used_up(place: &Place) {
    let world = strict(place).await;
    let mut client = world.client();
    sign_up(&mut client, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let mail = world.mail("ada@x.test", SUBJECT, 1).await;
    for body in [&mail.text, &mail.html] {
        assert!(body.contains(&format!("{ORIGIN}/verify-email?token=")), "{body}");
    }
    let token = token(&mail, "/verify-email");
    let answer = verify(&mut client, &token).await.expect(StatusCode::OK);
    assert_eq!(answer.json()["email"], "ada@x.test");
    assert_eq!(answer.set_cookie("newcomer").unwrap().split(';').next().unwrap(), "newcomer=");
    client.profile().await.expect(StatusCode::OK);
    let told = client.get("/api/auth/activity").await.body;
    assert!(told.contains("email_verified") && told.contains("signed_up"), "{told}");
    assert_eq!(verify(&mut client, &token).await.expect(StatusCode::GONE).code(), "link_expired");
    world.client().log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
}

async fn t9_a_disabled_customer_cannot_sign_in_by_link_or_code(place: &Place) {
    let world = strict(place).await;
    let mut client = world.client();
    sign_up(&mut client, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let mail = world.mail("ada@x.test", SUBJECT, 1).await;
    let customers = &world.app.stores.customers;
    let ada = customers.find_by_email(&EmailAddress::parse("ada@x.test").unwrap()).await.unwrap().unwrap();
    customers.set_disabled(ada.id, true, world.app.clock.now()).await.unwrap();
    type_code(&mut client, &code(&mail)).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    verify(&mut client, &token(&mail, "/verify-email")).await.expect(StatusCode::GONE);
    assert!(client.has_no_session());
    // A link that was requested later is not valid either.
    client.post_json("/api/auth/verify-email/resend", "").await.expect(StatusCode::OK);
    let since = world.mail("ada@x.test", SUBJECT, 2).await;
    type_code(&mut client, &code(&since)).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    verify(&mut client, &token(&since, "/verify-email")).await.expect(StatusCode::GONE);
    assert!(client.has_no_session());
    customers.set_disabled(ada.id, false, world.app.clock.now()).await.unwrap();
    verify(&mut client, &token(&mail, "/verify-email")).await.expect(StatusCode::GONE);
    client.post_json("/api/auth/verify-email/resend", "").await.expect(StatusCode::OK);
    let mail = world.mail("ada@x.test", SUBJECT, 3).await;
    verify(&mut client, &token(&mail, "/verify-email")).await.expect(StatusCode::OK);
    client.profile().await.expect(StatusCode::OK);
}

async fn v5_the_code_signs_in_the_browser_that_signed_up_and_no_other(place: &Place) {
    let world = strict(place).await;
    let mut client = world.client();
    sign_up(&mut client, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let right = code(&world.mail("ada@x.test", SUBJECT, 1).await);

    type_code(&mut world.client(), &right).await.expect(StatusCode::UNAUTHORIZED);
    let mut other = world.client();
    sign_up(&mut other, "bob@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    type_code(&mut other, &right).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = format!("{:06}", (right.parse::<u32>().unwrap() + 1) % 1_000_000);
    for (typed, fault) in [("", "required"), ("12345", "malformed"), ("letters", "malformed"), (&wrong, "wrong")] {
        let refused = type_code(&mut client, typed).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.json()["fields"]["code"], fault, "{typed}");
    }
    let answer = type_code(&mut client, &format!("{} {}", &right[..3], &right[3..])).await.expect(StatusCode::OK);
    assert_eq!(answer.json()["email"], "ada@x.test");
    client.profile().await.expect(StatusCode::OK);
    type_code(&mut client, &right).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
}

async fn r3_a_link_opened_elsewhere_revokes_the_password_and_leads_to_a_new_one(place: &Place) {
    let world = strict(place).await;
    sign_up(&mut world.client(), "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let mail = world.mail("ada@x.test", SUBJECT, 1).await;
    let mut owner = world.client();
    let answer = verify(&mut owner, &token(&mail, "/verify-email")).await.expect(StatusCode::OK);
    assert_eq!(answer.body, "{}");
    assert!(owner.has_no_session());
    owner.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    let (page, token) = answer.location().split_once("?token=").unwrap();
    assert_eq!(page, "/reset-password");
    let reset = json!({ "token": token, "password": NEW });
    owner.post_json("/api/auth/reset-password", reset.to_string()).await.expect(StatusCode::OK);
    owner.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
}

async fn r3_a_link_opened_elsewhere_ends_the_sessions_of_a_sign_up_with_a_foreign_address(place: &Place) {
    let world = place.world(Options::default()).await;
    let mut eve = world.signed_up("ada@x.test").await;
    let mail = world.mail("ada@x.test", SUBJECT, 1).await;
    let mut ada = world.client();
    verify(&mut ada, &token(&mail, "/verify-email")).await.expect(StatusCode::OK);
    eve.profile().await.expect(StatusCode::UNAUTHORIZED);
    eve.refresh().await.expect(StatusCode::UNAUTHORIZED);
    eve.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
}

async fn r3_the_latest_sign_up_is_the_one_that_counts(place: &Place) {
    let world = strict(place).await;
    let (mut eve, mut ada) = (world.client(), world.client());
    sign_up(&mut eve, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let first = token(&world.mail("ada@x.test", SUBJECT, 1).await, "/verify-email");
    sign_up(&mut ada, "ada@x.test", NEW).await.expect(StatusCode::ACCEPTED);
    let second = world.mail("ada@x.test", SUBJECT, 2).await;
    verify(&mut ada, &first).await.expect(StatusCode::GONE);
    type_code(&mut eve, &code(&second)).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    verify(&mut ada, &token(&second, "/verify-email")).await.expect(StatusCode::OK);
    ada.profile().await.expect(StatusCode::OK);
    eve.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    world.client().log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
    // A later sign-up has no effect.
    sign_up(&mut eve, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    eve.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
}

async fn r3_a_session_from_before_addresses_had_to_be_verified_ends_with_the_verification(place: &Place) {
    let world = place.world(Options::default()).await;
    let mut eve = world.signed_up("ada@x.test").await;
    world.mail("ada@x.test", SUBJECT, 1).await;
    let strict =
        World { app: world.app.again(Options { requires_verified_email: true, ..world.options() }).await, ..world };
    let mut ada = strict.client();
    sign_up(&mut ada, "ada@x.test", NEW).await.expect(StatusCode::ACCEPTED);
    let mail = strict.mail("ada@x.test", "You already have an account", 1).await;
    eve.profile().await.expect(StatusCode::OK);
    let reset = json!({ "token": token(&mail, "/reset-password"), "password": NEW });
    ada.post_json("/api/auth/reset-password", reset.to_string()).await.expect(StatusCode::OK);
    ada.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
    eve.profile().await.expect(StatusCode::UNAUTHORIZED);
    eve.refresh().await.expect(StatusCode::UNAUTHORIZED);
}

async fn a_session_from_before_addresses_had_to_be_verified_can_be_confirmed(place: &Place) {
    let world = place.world(Options { rate_limits: true, ..Options::default() }).await;
    let mut ada = world.signed_up("ada@x.test").await;
    let options = Options { requires_verified_email: true, rate_limits: true, ..world.options() };
    let strict = World { app: world.app.again(options).await, ..world };
    strict.app.clock.advance(Duration::HOUR);
    for _ in 0..3 {
        let form = json!({ "current_password": PASSWORD }).to_string();
        ada.post_json("/api/auth/confirm", form).await.expect(StatusCode::OK);
    }
    assert_eq!(strict.app.clock.waited(), std::time::Duration::ZERO, "a right password is no failed attempt");
    strict.client().log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
}

/// A stranger signs up first. The owner signs up, which replaces that account, and once more when it is in use.
async fn g1_the_latest_sign_up_and_its_effect_on_a_customer_are_activities(place: &Place) {
    let world = strict(place).await;
    let mut stranger = world.client();
    stranger.address = [198, 51, 100, 7].into();
    stranger.sign_up("ada@x.test").await.expect(StatusCode::ACCEPTED);
    world.mail("ada@x.test", SUBJECT, 1).await;
    let mut ada = world.client();
    sign_up(&mut ada, "ada@x.test", NEW).await.expect(StatusCode::ACCEPTED);
    let digits = code(&world.mail("ada@x.test", SUBJECT, 2).await);
    type_code(&mut ada, &digits).await.expect(StatusCode::OK);
    stranger.sign_up("ada@x.test").await.expect(StatusCode::ACCEPTED);
    let told = async || ada.clone().get("/api/auth/activity").await.expect(StatusCode::OK).json();
    let of = |told: &serde_json::Value, event: &str| {
        let all = told.as_array().unwrap().iter();
        all.filter(|entry| entry["event"] == event).map(|entry| entry["address"].clone()).collect::<Vec<_>>()
    };
    // They are written in the background.
    eventually(TIMEOUT, "the sign-ups are not recorded", async || {
        let told = told().await;
        of(&told, "signed_up").len() == 2 && !of(&told, "reset_asked").is_empty()
    })
    .await;
    let told = told().await;
    assert!(of(&told, "signed_up").contains(&json!(ada.address.to_string())), "{told}");
    assert_eq!(of(&told, "reset_asked"), ["198.51.100.7"]);
}

async fn r3_a_sign_up_without_reading_mail_changes_nothing_of_an_account_in_use(place: &Place) {
    let world = place.world(Options::default()).await;
    let mut vera = world.signed_up("vera@x.test").await;
    let before = vera.profile().await.expect(StatusCode::OK).body;
    let strict =
        World { app: world.app.again(Options { requires_verified_email: true, ..world.options() }).await, ..world };
    let mut eve = strict.client();
    sign_up(&mut eve, "vera@x.test", NEW).await.expect(StatusCode::ACCEPTED);
    strict.mail("vera@x.test", "You already have an account", 1).await;
    assert_eq!(vera.profile().await.expect(StatusCode::OK).body, before);
    vera.refresh().await.expect(StatusCode::OK);
}

async fn r3_a_proposal_of_the_address_changes_nothing_of_an_account_in_use(place: &Place) {
    let world = place.world(Options::default()).await;
    let mut vera = world.signed_up("vera@x.test").await;
    let strict =
        World { app: world.app.again(Options { requires_verified_email: true, ..world.options() }).await, ..world };
    let mut eve = verified(&strict, "eve@x.test").await;
    eve.log_in("eve@x.test", PASSWORD).await.expect(StatusCode::OK);
    let proposal = json!({ "email": "vera@x.test" }).to_string();
    eve.post_json("/api/auth/change-email", proposal).await.expect(StatusCode::OK);
    strict.mail("vera@x.test", "This email address is already in use", 1).await;
    vera.refresh().await.expect(StatusCode::OK);
}

async fn a_verified_address_leaves_the_sign_up_with_another_one_pending(place: &Place) {
    let world = strict(place).await;
    let (mut laptop, mut phone) = (world.client(), world.client());
    sign_up(&mut phone, "dora@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    sign_up(&mut laptop, "bob@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let link = token(&world.mail("dora@x.test", SUBJECT, 1).await, "/verify-email");
    verify(&mut laptop, &link).await.expect(StatusCode::OK);
    let page = laptop.get_page("/verify-email").await.expect(StatusCode::OK).body;
    assert!(page.contains("bob@x.test") && page.contains("name=\"code\""), "{page}");
    type_code(&mut laptop, &code(&world.mail("bob@x.test", SUBJECT, 1).await)).await.expect(StatusCode::OK);
    assert_eq!(laptop.profile().await.expect(StatusCode::OK).json()["email"], "bob@x.test");
}

async fn an_expired_link_offers_another_mail_where_the_browser_awaits_one(place: &Place) {
    let world = strict(place).await;
    let mut client = world.client();
    sign_up(&mut client, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let old = token(&world.mail("ada@x.test", SUBJECT, 1).await, "/verify-email");
    resend(&mut client, "").await.expect(StatusCode::OK);
    world.mail("ada@x.test", SUBJECT, 2).await;
    let path = format!("/verify-email?token={old}");
    let page = client.get_page(&path).await.expect(StatusCode::OK).body;
    assert!(page.contains("expired or was already used") && page.contains("Resend email"), "{page}");
    let page = world.client().get_page(&path).await.expect(StatusCode::OK).body;
    assert!(page.contains("expired or was already used") && !page.contains("Resend email"), "{page}");
}

async fn r3_a_reset_by_mail_verifies_the_address(place: &Place) {
    let world = strict(place).await;
    let mut client = world.client();
    sign_up(&mut client, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let ask = json!({ "email": "ada@x.test" });
    client.post_json("/api/auth/forgot-password", ask.to_string()).await.expect(StatusCode::OK);
    let token = token(&world.mail("ada@x.test", "Reset your password", 1).await, "/reset-password");
    let reset = json!({ "token": token, "password": NEW });
    client.post_json("/api/auth/reset-password", reset.to_string()).await.expect(StatusCode::OK);
    client.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
}

async fn if_verification_is_optional_the_account_page_only_suggests_it(place: &Place) {
    let world = place.world(Options::default()).await;
    let mut client = world.signed_up("ada@x.test").await;
    world.client().sign_up("ada@x.test").await.expect(StatusCode::CONFLICT);
    assert!(client.get_page("/account").await.body.contains("href=\"/verify-email\""));
    let page = client.get_page("/verify-email").await.body;
    assert!(page.contains("We sent a 6-digit code to") && page.contains("ada@x.test"), "{page}");
    let mail = world.mail("ada@x.test", SUBJECT, 1).await;
    let answer = type_code(&mut client, &code(&mail)).await.expect(StatusCode::OK);
    assert_eq!(answer.json()["email"], "ada@x.test");
    client.profile().await.expect(StatusCode::OK);
    assert!(!client.get_page("/account").await.body.contains("href=\"/verify-email\""));
    world.client().log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
}

async fn v2_of_twenty_uses_of_one_link_at_once_one_succeeds(place: &Place) {
    let world = strict(place).await;
    let mut client = world.client();
    sign_up(&mut client, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let token = token(&world.mail("ada@x.test", SUBJECT, 1).await, "/verify-email");
    let mut uses = JoinSet::new();
    for number in 0..20 {
        // Half of them in the browser of the sign-up, and half in another.
        let mut client = if number % 2 == 0 { client.clone() } else { world.client() };
        let token = token.clone();
        uses.spawn(async move { verify(&mut client, &token).await.status });
    }
    let answers = uses.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::OK).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::GONE).count(), 19, "{answers:?}");
    let stores = &world.app.stores;
    let ada = stores.customers.find_by_email(&EmailAddress::parse("ada@x.test").unwrap()).await.unwrap().unwrap();
    let sessions = stores.sessions.list(ada.id, world.app.clock.now()).await.unwrap();
    assert!(sessions.len() <= 1, "the others left no session behind: {sessions:?}");
}

async fn v2_a_link_and_its_code_are_valid_for_a_day(place: &Place) {
    let world = strict(place).await;
    let mut client = world.client();
    sign_up(&mut client, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let mail = world.mail("ada@x.test", SUBJECT, 1).await;
    world.app.clock.advance(Duration::DAY);
    let link = token(&mail, "/verify-email");
    verify(&mut client, &link).await.expect(StatusCode::GONE);
    // The browser's ticket has expired as well.
    type_code(&mut client, &code(&mail)).await.expect(StatusCode::UNAUTHORIZED);
    assert!(
        client
            .get_page(&format!("/verify-email?token={link}"))
            .await
            .body
            .contains("This link has expired or was already used.")
    );
    resend(&mut client, "ada@x.test").await.expect(StatusCode::OK);
    let mail = world.mail("ada@x.test", SUBJECT, 2).await;
    world.app.clock.advance(Duration::DAY - Duration::MILLISECOND);
    for token in ["x", &link, &format!("{}A", token(&mail, "/verify-email"))] {
        verify(&mut client, token).await.expect(StatusCode::GONE);
    }
    verify(&mut client, &token(&mail, "/verify-email")).await.expect(StatusCode::OK);
}

async fn v3_looking_at_a_link_uses_nothing_up(place: &Place) {
    let world = strict(place).await;
    let mut client = world.client();
    sign_up(&mut client, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let link = token(&world.mail("ada@x.test", SUBJECT, 1).await, "/verify-email");
    let path = format!("/verify-email?token={link}");
    for (mut looking, reclaims) in [(client.clone(), false), (world.client(), true)] {
        for method in [Method::HEAD, Method::GET, Method::GET] {
            let look = request(method.clone(), &path).header(header::ACCEPT, "text/html").body(Body::empty()).unwrap();
            let page = looking.send(look).await.expect(StatusCode::OK);
            assert!(page.header("cache-control").contains("no-store"), "{page:?}");
            if method == Method::GET {
                assert!(page.body.contains("Verify my email address"), "{}", page.body);
                assert_eq!(page.body.contains("You signed up in a different browser"), reclaims, "{}", page.body);
            }
        }
    }
    verify(&mut client, &link).await.expect(StatusCode::OK);
}

async fn v7_a_newer_mail_voids_the_earlier_ones(place: &Place) {
    let world = strict(place).await;
    let mut client = world.client();
    sign_up(&mut client, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let first = world.mail("ada@x.test", SUBJECT, 1).await;
    // Any browser may request it.
    resend(&mut world.client(), "ada@x.test").await.expect(StatusCode::OK);
    let second = world.mail("ada@x.test", SUBJECT, 2).await;
    verify(&mut client, &token(&first, "/verify-email")).await.expect(StatusCode::GONE);
    if code(&first) != code(&second) {
        type_code(&mut client, &code(&first)).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
    // It is still the browser that signed up.
    verify(&mut client, &token(&second, "/verify-email")).await.expect(StatusCode::OK);
    client.profile().await.expect(StatusCode::OK);
    resend(&mut client, "").await.expect(StatusCode::OK);
    resend(&mut world.client(), "").await.expect(StatusCode::UNAUTHORIZED);
    resend(&mut world.client(), "no address").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
}

async fn a_login_before_the_address_is_verified_sends_another_mail(place: &Place) {
    let world = strict(place).await;
    let mut client = world.client();
    sign_up(&mut client, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    world.mail("ada@x.test", SUBJECT, 1).await;
    world.client().log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    let mail = world.mail("ada@x.test", SUBJECT, 2).await;
    verify(&mut client, &token(&mail, "/verify-email")).await.expect(StatusCode::OK);
    client.profile().await.expect(StatusCode::OK);
}

async fn a_verified_customer_sees_that_the_address_is_verified_and_no_form_for_a_code(place: &Place) {
    let world = strict(place).await;
    let mut laptop = world.client();
    sign_up(&mut laptop, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let link = token(&world.mail("ada@x.test", SUBJECT, 1).await, "/verify-email");
    // A copy of the browser that keeps the cookie of the sign-up.
    let mut tablet = laptop.clone();
    verify(&mut laptop, &link).await.expect(StatusCode::OK);
    tablet.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    for client in [&mut laptop, &mut tablet] {
        for path in ["/verify-email".to_owned(), format!("/verify-email?token={link}")] {
            let page = client.get_page(&path).await.expect(StatusCode::OK).body;
            assert!(
                page.contains("<strong>ada@x.test</strong> is verified.") && !page.contains("name=\"code\""),
                "{page}"
            );
        }
    }
    // Another address, in the same browser.
    sign_up(&mut tablet, "bob@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let page = tablet.get_page("/verify-email").await.expect(StatusCode::OK).body;
    assert!(page.contains("bob@x.test") && page.contains("name=\"code\""), "{page}");
}

async fn c8_an_address_is_verified_without_scripts(place: &Place) {
    let world = strict(place).await;
    let mut client = world.client();
    assert!(client.get_page("/login").await.body.contains("href=\"/verify-email\""));
    let form = [("name", "Ada"), ("email", "ada@x.test"), ("password", PASSWORD), ("next", "/cart")];
    let sent = client.post_form("/api/auth/signup", &form).await;
    assert_eq!(sent.location(), "/verify-email?next=/cart");
    let page = client.get_page(sent.location()).await.expect(StatusCode::OK).body;
    assert!(page.contains("ada@x.test") && page.contains("value=\"/cart\""), "{page}");
    world.mail("ada@x.test", SUBJECT, 1).await;
    let again = client.post_form("/api/auth/verify-email/resend", &[("next", "/cart")]).await;
    assert_eq!(again.location(), "/verify-email?next=/cart");
    assert!(client.get_page("/verify-email").await.body.contains("Sent. Earlier links and codes no longer work."));

    let mail = world.mail("ada@x.test", SUBJECT, 2).await;
    let wrong = client.post_form("/api/auth/verify-email", &[("code", "12"), ("next", "/cart")]).await;
    assert_eq!(wrong.location(), "/verify-email?next=/cart");
    assert!(client.get_page("/verify-email").await.body.contains("Enter all 6 digits."));
    let verified = client.post_form("/api/auth/verify-email", &[("code", &code(&mail)), ("next", "/cart")]).await;
    assert_eq!(verified.location(), "/cart");
    client.profile().await.expect(StatusCode::OK);

    let mut client = world.client();
    client.post_form("/api/auth/signup", &[("name", "Bob"), ("email", "bob@x.test"), ("password", PASSWORD)]).await;
    let link = token(&world.mail("bob@x.test", SUBJECT, 1).await, "/verify-email");
    let mut elsewhere = world.client();
    let verified = elsewhere.post_form("/api/auth/verify-email", &[("token", &link)]).await;
    assert!(verified.location().starts_with("/reset-password?token="), "{verified:?}");
    assert!(elsewhere.get_page(verified.location()).await.body.contains("New password"));
    let used = client.post_form("/api/auth/verify-email", &[("token", &link)]).await;
    assert_eq!(used.location(), "/verify-email");
    assert!(
        client
            .get_page("/verify-email")
            .await
            .body
            .contains("This link has expired or was already used. Request a new one.")
    );
}

#[tokio::test]
async fn links_and_codes_for_one_address_are_limited_whether_it_has_an_account_or_not() {
    let world = Place::embedded();
    let options = Options { rate_limits: true, requires_verified_email: true, ..Options::default() };
    let world = world.world(options).await;
    for email in ["ada@x.test", "nobody@x.test"] {
        let mut client = world.client();
        client.address = [192, 0, 2, if email.starts_with('a') { 1 } else { 2 }].into();
        if email.starts_with('a') {
            sign_up(&mut client, email, PASSWORD).await.expect(StatusCode::ACCEPTED);
        }
        for _ in 0..5 {
            resend(&mut client, email).await.expect(StatusCode::OK);
        }
        resend(&mut client, email).await.expect(StatusCode::TOO_MANY_REQUESTS);
    }
    let mut client = world.client();
    sign_up(&mut client, "eve@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    for _ in 0..10 {
        type_code(&mut client, "000000").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
    type_code(&mut client, "000000").await.expect(StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn without_mail_no_customer_is_asked_to_verify_an_address() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    assert!(!client.get_page("/account").await.body.contains("/verify-email"));
    resend(&mut client, "ada@x.test").await.expect(StatusCode::NOT_FOUND);
    for mut client in [client, app.client()] {
        let page = client.get_page("/verify-email").await.expect(StatusCode::OK).body;
        assert!(page.contains("This shop doesn't send emails"), "{page}");
    }
}

async fn r3_a_link_that_another_customer_follows_revokes_the_password_too(place: &Place) {
    let world = place.world(Options::default()).await;
    let mut eve = world.signed_up("ada@x.test").await;
    let mut ada = world.signed_up("ada@y.test").await;
    let link = token(&world.mail("ada@x.test", SUBJECT, 1).await, "/verify-email");
    verify(&mut ada, &link).await.expect(StatusCode::OK);
    eve.profile().await.expect(StatusCode::UNAUTHORIZED);
    eve.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(ada.profile().await.expect(StatusCode::OK).json()["email"], "ada@y.test");
}

async fn l5_an_address_change_needs_the_password_even_if_the_address_was_just_verified(place: &Place) {
    let world = strict(place).await;
    let mut client = world.client();
    sign_up(&mut client, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let link = token(&world.mail("ada@x.test", SUBJECT, 1).await, "/verify-email");
    world.app.clock.advance(Duration::hours(1));
    verify(&mut client, &link).await.expect(StatusCode::OK);
    let proposal = json!({ "email": "ada@y.test" }).to_string();
    let refused = client.post_json("/api/auth/change-email", proposal.clone()).await.expect(StatusCode::FORBIDDEN);
    assert_eq!(refused.code(), "confirmation_required");
    let confirm = json!({ "current_password": PASSWORD }).to_string();
    client.post_json("/api/auth/confirm", confirm).await.expect(StatusCode::OK);
    client.post_json("/api/auth/change-email", proposal).await.expect(StatusCode::OK);
}

async fn t1_a_verification_replaces_the_session_of_another_customer_in_the_same_browser(place: &Place) {
    let world = strict(place).await;
    let mut client = verified(&world, "bob@x.test").await;
    sign_up(&mut client, "ada@x.test", PASSWORD).await.expect(StatusCode::ACCEPTED);
    let mut before = client.clone();
    before.profile().await.expect(StatusCode::OK);
    let mail = world.mail("ada@x.test", SUBJECT, 1).await;
    verify(&mut client, &token(&mail, "/verify-email")).await.expect(StatusCode::OK);
    assert_eq!(client.profile().await.expect(StatusCode::OK).json()["email"], "ada@x.test");
    before.refresh().await.expect(StatusCode::UNAUTHORIZED);
    before.profile().await.expect(StatusCode::UNAUTHORIZED);
}
