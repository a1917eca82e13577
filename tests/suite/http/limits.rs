//! Limits on attempts.

use axum::http::StatusCode;
use time::Duration;

use super::{
    devices::{own_id, revoke},
    harness::{App, Options, PASSWORD},
};

async fn limited() -> App {
    App::with(Options { rate_limits: true, ..Options::default() }).await
}

#[tokio::test]
async fn failed_logins_from_one_address_are_limited_and_get_a_time_to_retry() {
    let app = limited().await;
    let mut client = app.client();
    for index in 0..20 {
        let email = format!("nobody{index}@x.test");
        client.log_in(&email, "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    }
    let answer = client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.code(), "too_many_attempts");
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=15 * 60).contains(&wait), "{wait}");
    app.clock.advance(Duration::seconds(wait));
    client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_customer_with_the_right_password_is_never_limited_and_gains_no_guesses() {
    let app = limited().await;
    let mut client = app.signed_up("ada@x.test").await;
    for _ in 0..30 {
        client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    }
    for index in 0..20 {
        client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
        client.log_in(&format!("eve{index}@x.test"), "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    }
    client.log_in("eve@x.test", "wrong password").await.expect(StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn n2_n5_signing_out_all_others_cannot_be_repeated_without_a_pause() {
    let app = limited().await;
    let mut client = app.signed_up("ada@x.test").await;
    for _ in 0..5 {
        client.post_json("/api/auth/sessions/revoke-others", "").await.expect(StatusCode::OK);
    }
    let refused = client.post_json("/api/auth/sessions/revoke-others", "").await.expect(StatusCode::TOO_MANY_REQUESTS);
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    app.clock.advance(Duration::seconds(wait));
    client.post_json("/api/auth/sessions/revoke-others", "").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn n5_a_page_that_is_refused_says_when_to_come_back() {
    let app = limited().await;
    let mut client = app.signed_up("ada@x.test").await;
    let mut refused = None;
    for _ in 0..300 {
        // Each request renews the session.
        client.cookies.remove("accessToken");
        let answer = client.get_page("/account").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
            break;
        }
        app.clock.advance(Duration::milliseconds(100));
    }
    let wait: i64 = refused.expect("a refused page").header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    app.clock.advance(Duration::seconds(wait));
    client.get_page("/account").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn sign_ups_from_one_place_are_limited() {
    let app = App::with(Options { rate_limits: true, sign_ups_per_hour: 10, ..Options::default() }).await;
    let mut client = app.client();
    for index in 0..10 {
        client.sign_up(&format!("customer{index}@x.test")).await.expect(StatusCode::CREATED);
    }
    client.sign_up("one.more@x.test").await.expect(StatusCode::TOO_MANY_REQUESTS);
    let mut elsewhere = app.client();
    elsewhere.address = [192, 0, 2, 1].into();
    elsewhere.sign_up("one.more@x.test").await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn r2_a_taken_address_is_reported_only_within_the_limit_of_sign_ups() {
    let app = App::with(Options { rate_limits: true, sign_ups_per_hour: 10, ..Options::default() }).await;
    app.signed_up("ada@x.test").await;
    for _ in 0..9 {
        app.client().sign_up("ada@x.test").await.expect(StatusCode::CONFLICT);
    }
    for email in ["ada@x.test", "nobody@x.test"] {
        let answer = app.client().sign_up(email).await.expect(StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.code(), "too_many_attempts");
    }
}

#[tokio::test]
async fn l4_a_rotating_forwarded_address_changes_nothing() {
    let app = limited().await;
    let mut last = StatusCode::OK;
    for index in 0..25 {
        let mut client = app.client();
        client.headers.insert("x-forwarded-for", format!("198.51.100.{index}").parse().unwrap());
        last = client.log_in(&format!("ada{index}@x.test"), "wrong password").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn l4_behind_a_configured_proxy_each_customer_is_counted_separately() {
    let options = Options { rate_limits: true, trusted_proxies: vec!["127.0.0.0/8"], ..Options::default() };
    let app = App::with(options).await;
    for index in 0..25 {
        let mut client = app.client();
        client.headers.insert("x-forwarded-for", format!("198.51.100.{index}").parse().unwrap());
        client.log_in(&format!("ada{index}@x.test"), "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    }
}

/// Sends this many wrong passwords at once. Returns how many were verified, and how many refused.
async fn guess_at_once(app: &App, count: usize, email: impl Fn(usize) -> String) -> (usize, usize) {
    let mut tasks = tokio::task::JoinSet::new();
    for index in 0..count {
        let (mut client, email) = (app.client(), email(index));
        tasks.spawn(async move { client.log_in(&email, "wrong password").await.status });
    }
    let statuses = tasks.join_all().await;
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    (count(StatusCode::UNAUTHORIZED), count(StatusCode::TOO_MANY_REQUESTS))
}

#[tokio::test]
async fn l2_of_200_parallel_guesses_only_a_limited_number_is_verified() {
    let app = limited().await;
    app.client().sign_up("ada@x.test").await.expect(StatusCode::CREATED);
    // One at once, and one after a delay.
    assert_eq!(guess_at_once(&app, 200, |_| "ada@x.test".to_owned()).await, (2, 198));
}

#[tokio::test]
async fn l6_of_one_password_sprayed_over_500_accounts_only_a_limited_number_is_verified() {
    let app = limited().await;
    assert_eq!(guess_at_once(&app, 500, |index| format!("customer{index}@x.test")).await, (20, 480));
}

/// Guesses the account's password from one address after another, as long as guesses are verified.
async fn lock_out(app: &App, email: &str) -> usize {
    let mut looked_at = 0;
    for index in 0..300_u16 {
        let mut stranger = app.client();
        let [high, low] = index.to_be_bytes();
        stranger.address = [198, 18, high, low].into();
        let answer = stranger.log_in(email, "wrong password").await;
        if answer.status == StatusCode::UNAUTHORIZED {
            looked_at += 1;
        } else {
            let wait: i64 = answer.expect(StatusCode::TOO_MANY_REQUESTS).header("retry-after").parse().unwrap();
            if wait > 10 {
                break;
            }
            app.clock.advance(Duration::seconds(wait));
        }
    }
    looked_at
}

#[tokio::test]
async fn l3_the_owner_gets_in_on_a_known_device_while_the_account_is_under_attack() {
    let app = limited().await;
    let mut owner = app.signed_up("ada@x.test").await;
    owner.log_out().await.expect(StatusCode::OK);
    let known = owner.cookies["browser"].clone();
    let looked_at = lock_out(&app, "ada@x.test").await;
    assert!((50..=100).contains(&looked_at), "{looked_at} in one window");

    let mut elsewhere = app.client();
    elsewhere.address = [203, 0, 113, 7].into();
    elsewhere.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::TOO_MANY_REQUESTS);
    owner.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    assert_eq!(owner.cookies["browser"], known, "it is the same browser as before");

    // Neither the cookie of another customer's browser nor a forged one helps.
    let eves = app.signed_up("eve@x.test").await.cookies["browser"].clone();
    let altered = format!("{}{}", if known.starts_with('A') { 'B' } else { 'A' }, &known[1..]);
    for cookie in [eves, altered, "nonsense".to_owned()] {
        let mut stranger = elsewhere.clone();
        stranger.cookies.insert("browser".to_owned(), cookie);
        stranger.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::TOO_MANY_REQUESTS);
    }
}

#[tokio::test]
async fn l3_the_owner_can_log_in_on_a_known_device_during_an_attack_from_the_same_address() {
    let app = limited().await;
    let mut owner = app.signed_up("ada@x.test").await;
    owner.log_out().await.expect(StatusCode::OK);
    // The neighbour uses up the budgets of their shared address and of the account.
    let mut neighbour = app.client();
    assert_eq!(neighbour.address, owner.address);
    for index in 0..20 {
        let email = format!("nobody{index}@x.test");
        neighbour.log_in(&email, "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    }
    lock_out(&app, "ada@x.test").await;
    for index in 0..20 {
        neighbour.log_in(&format!("again{index}@x.test"), "wrong password").await;
    }
    for email in ["ada@x.test", "nobody@x.test"] {
        neighbour.log_in(email, PASSWORD).await.expect(StatusCode::TOO_MANY_REQUESTS);
    }
    // Including a mistyped password.
    owner.log_in("ada@x.test", "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    owner.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    owner.profile().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn n3_a_new_password_gives_the_browser_another_id_and_makes_a_copy_of_the_old_one_unknown() {
    let app = limited().await;
    let mut owner = app.signed_up("ada@x.test").await;
    let copy = owner.cookies["browser"].clone();
    let change = serde_json::json!({ "current_password": PASSWORD, "password": "eight tall herons" });
    owner.post_json("/api/auth/change-password", change.to_string()).await.expect(StatusCode::OK);
    assert_ne!(owner.cookies["browser"], copy);
    lock_out(&app, "ada@x.test").await;
    for (cookie, status) in [(copy, StatusCode::TOO_MANY_REQUESTS), (owner.cookies["browser"].clone(), StatusCode::OK)]
    {
        let mut client = app.client();
        client.address = [203, 0, 113, 7].into();
        client.cookies.insert("browser".to_owned(), cookie);
        client.log_in("ada@x.test", "eight tall herons").await.expect(status);
    }
}

#[tokio::test]
async fn n3_a_customer_who_ends_all_other_sessions_keeps_a_known_browser() {
    let app = limited().await;
    let mut owner = app.signed_up("ada@x.test").await;
    owner.post_json("/api/auth/sessions/revoke-others", "").await.expect(StatusCode::OK);
    owner.log_out().await.expect(StatusCode::OK);
    lock_out(&app, "ada@x.test").await;
    owner.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn n3_a_device_that_is_signed_out_from_elsewhere_is_unknown_unless_it_has_another_session() {
    let app = limited().await;
    let mut owner = app.signed_up("ada@x.test").await;
    let (mut phone, mut tablet) = (app.client(), app.client());
    for device in [&mut phone, &mut tablet] {
        device.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    }
    let mut again = app.client();
    again.cookies.insert("browser".to_owned(), tablet.cookies["browser"].clone());
    again.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    for device in [&mut phone, &mut tablet] {
        let id = own_id(device).await;
        revoke(&mut owner, &id).await.expect(StatusCode::OK);
    }
    // Its own session: like a logout.
    let id = own_id(&mut owner).await;
    revoke(&mut owner, &id).await.expect(StatusCode::OK);
    lock_out(&app, "ada@x.test").await;
    for (device, status) in
        [(&phone, StatusCode::TOO_MANY_REQUESTS), (&tablet, StatusCode::OK), (&owner, StatusCode::OK)]
    {
        let mut client = app.client();
        client.address = [203, 0, 113, 7].into();
        client.cookies.insert("browser".to_owned(), device.cookies["browser"].clone());
        client.log_in("ada@x.test", PASSWORD).await.expect(status);
    }
}

#[tokio::test]
async fn n5_sign_outs_of_single_devices_are_limited() {
    let app = limited().await;
    let mut thief = app.signed_up("ada@x.test").await;
    for number in 0..=20 {
        let mut device = app.client();
        device.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
        let id = own_id(&mut device).await;
        let status = if number < 20 { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS };
        revoke(&mut thief, &id).await.expect(status);
    }
}

#[tokio::test]
async fn l2_an_attempt_that_comes_too_soon_waits_for_its_turn() {
    let app = limited().await;
    app.signed_up("ada@x.test").await;
    let mut client = app.client();
    client.log_in("ada@x.test", "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(app.clock.waited(), Duration::ZERO);
    client.log_in("ada@x.test", "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(app.clock.waited(), Duration::SECOND);
}

#[tokio::test]
async fn l3_guesses_from_a_known_device_are_limited_too() {
    let app = limited().await;
    let mut thief = app.signed_up("ada@x.test").await;
    thief.log_out().await.expect(StatusCode::OK);
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(thief.log_in("ada@x.test", "wrong password").await.status);
    }
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");
    // The account's own budget is not used up.
    app.client().log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_mistyped_password_does_not_keep_its_owner_waiting() {
    let app = limited().await;
    app.signed_up("ada@x.test").await;
    let mut client = app.client();
    client.log_in("ada@x.test", "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_repeats_refused_tokens_has_to_wait() {
    let app = limited().await;
    let mut client = app.signed_up("ada@x.test").await;
    let mut broken = app.client();
    broken.cookies.insert("refreshToken".to_owned(), "nonsense".to_owned());
    for _ in 0..100 {
        broken.clone().refresh().await.expect(StatusCode::UNAUTHORIZED);
    }
    let answer = broken.refresh().await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.json()["retryAfter"].to_string(), answer.header("retry-after"));
    assert!(answer.set_cookies().is_empty());
    client.refresh().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn refreshes_of_a_session_are_limited_and_the_session_stays_valid() {
    let app = limited().await;
    let mut client = app.signed_up("ada@x.test").await;
    for _ in 0..200 {
        client.refresh().await.expect(StatusCode::OK);
    }
    client.refresh().await.expect(StatusCode::TOO_MANY_REQUESTS);
    client.profile().await.expect(StatusCode::OK);
    app.clock.advance(Duration::MINUTE);
    client.refresh().await.expect(StatusCode::OK);
}
