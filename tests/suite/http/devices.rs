//! A customer's devices: only that customer can see and end their sessions.

use axum::http::StatusCode;
use doorstep::accounts::ports::MOST_SESSIONS;
use serde_json::{Value, json};
use time::Duration;

use super::harness::{Answer, App, Client, PASSWORD};

const SESSIONS: &str = "/api/auth/sessions";
const REVOKE: &str = "/api/auth/sessions/revoke";
const REVOKE_OTHERS: &str = "/api/auth/sessions/revoke-others";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";

async fn logged_in(app: &App, email: &str) -> Client {
    let mut client = app.client();
    client.log_in(email, PASSWORD).await.expect(StatusCode::OK);
    client
}

async fn sessions(client: &mut Client) -> Vec<Value> {
    client.get(SESSIONS).await.expect(StatusCode::OK).json().as_array().unwrap().clone()
}

/// Returns the id of the client's own session.
pub async fn own_id(client: &mut Client) -> String {
    let own = sessions(client).await.into_iter().find(|session| session["current"] == true).unwrap();
    own["id"].as_str().unwrap().to_owned()
}

pub async fn revoke(client: &mut Client, id: &str) -> Answer {
    client.post_json(REVOKE, json!({ "session": id }).to_string()).await
}

#[tokio::test]
async fn a_device_is_listed_with_its_browser_system_address_and_times() {
    let app = App::new().await;
    let mut phone = app.signed_up("ada@x.test").await;
    app.clock.advance(Duration::minutes(5));
    let mut laptop = app.client();
    laptop.address = [198, 51, 100, 7].into();
    laptop.headers.insert("user-agent", FIREFOX.parse().unwrap());
    laptop.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);

    let listed = sessions(&mut phone).await;
    assert_eq!(listed.len(), 2);
    // The phone makes the request, so it was seen last or at the same time.
    let on_laptop = listed.iter().find(|session| session["current"] == false).unwrap();
    let mut keys: Vec<&String> = on_laptop.as_object().unwrap().keys().collect();
    keys.sort_unstable();
    assert_eq!(keys, ["address", "browser", "createdAt", "current", "device", "id", "lastSeenAt"]);
    assert_eq!((&on_laptop["browser"], &on_laptop["device"]), (&json!("Firefox"), &json!("Linux")));
    assert_eq!(on_laptop["address"], "198.51.100.7");
    assert_eq!(on_laptop["createdAt"], on_laptop["lastSeenAt"]);
    assert_eq!(app.client().get(SESSIONS).await.expect(StatusCode::UNAUTHORIZED).code(), "unauthenticated");
}

#[tokio::test]
async fn last_seen_times_are_updated_at_most_once_a_minute() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let seen = async |client: &mut Client| sessions(client).await[0]["lastSeenAt"].clone();
    let signed_up = seen(&mut client).await;
    app.clock.advance(Duration::seconds(59));
    assert_eq!(seen(&mut client).await, signed_up);
    app.clock.advance(Duration::seconds(1));
    assert_ne!(seen(&mut client).await, signed_up);
}

#[tokio::test]
async fn n6_a_flood_of_logins_ends_no_session_that_a_request_came_by() {
    let app = App::new().await;
    let mut phone = app.signed_up("ada@x.test").await;
    phone.profile().await.expect(StatusCode::OK);
    let mut unused = logged_in(&app, "ada@x.test").await;
    for _ in 2..MOST_SESSIONS {
        logged_in(&app, "ada@x.test").await;
    }
    // The newest session is used in the millisecond of its creation: the clock does not advance.
    let mut newest = logged_in(&app, "ada@x.test").await;
    newest.profile().await.expect(StatusCode::OK);
    for _ in 0..MOST_SESSIONS {
        app.clock.advance(Duration::SECOND);
        logged_in(&app, "ada@x.test").await;
    }
    phone.profile().await.expect(StatusCode::OK);
    newest.profile().await.expect(StatusCode::OK);
    unused.profile().await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(sessions(&mut phone).await.len(), MOST_SESSIONS);
}

#[tokio::test]
async fn n6_at_the_cap_a_login_ends_the_session_that_was_used_longest_ago_to_the_second() {
    let app = App::new().await;
    let mut devices = vec![app.signed_up("ada@x.test").await];
    for _ in 1..MOST_SESSIONS {
        devices.push(logged_in(&app, "ada@x.test").await);
    }
    for device in &mut devices {
        app.clock.advance(Duration::milliseconds(10));
        device.profile().await.expect(StatusCode::OK);
    }
    // Less than a minute after the recorded use.
    for device in &mut devices[..10] {
        app.clock.advance(Duration::SECOND);
        device.profile().await.expect(StatusCode::OK);
    }
    logged_in(&app, "ada@x.test").await;
    devices[10].profile().await.expect(StatusCode::UNAUTHORIZED);
    for device in &mut devices[..10] {
        device.profile().await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn t8_a_device_that_is_signed_out_is_out_at_once_with_both_its_tokens() {
    let app = App::new().await;
    let mut phone = app.signed_up("ada@x.test").await;
    let mut laptop = logged_in(&app, "ada@x.test").await;
    laptop.profile().await.expect(StatusCode::OK);
    let id = own_id(&mut laptop).await;
    revoke(&mut phone, &id).await.expect(StatusCode::OK);
    let stolen = laptop.clone();
    laptop.profile().await.expect(StatusCode::UNAUTHORIZED);
    stolen.clone().refresh().await.expect(StatusCode::UNAUTHORIZED);
    phone.profile().await.expect(StatusCode::OK);
    assert_eq!(sessions(&mut phone).await.len(), 1);
    assert_eq!(revoke(&mut phone, &id).await.expect(StatusCode::NOT_FOUND).code(), "not_found");
}

#[tokio::test]
async fn t11_a_device_is_signed_out_only_after_a_recent_proof() {
    let app = App::new().await;
    let mut phone = app.signed_up("ada@x.test").await;
    app.clock.advance(Duration::minutes(11));
    let mut laptop = logged_in(&app, "ada@x.test").await;
    let id = own_id(&mut laptop).await;
    let refused = revoke(&mut phone, &id).await.expect(StatusCode::FORBIDDEN);
    assert_eq!(refused.code(), "confirmation_required");
    laptop.profile().await.expect(StatusCode::OK);
    phone
        .post_json("/api/auth/confirm", json!({ "current_password": PASSWORD }).to_string())
        .await
        .expect(StatusCode::OK);
    revoke(&mut phone, &id).await.expect(StatusCode::OK);
    laptop.profile().await.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn t10_a_customer_cannot_end_the_session_of_another_customer() {
    let app = App::new().await;
    let (mut ada, mut eve) = (app.signed_up("ada@x.test").await, app.signed_up("eve@x.test").await);
    let id = own_id(&mut ada).await;
    for id in [id.as_str(), "AAAAAAAAAAAAAAAAAAAAAA", "short", "", "../../x", "\u{0}"] {
        assert_eq!(revoke(&mut eve, id).await.expect(StatusCode::NOT_FOUND).code(), "not_found", "{id}");
    }
    revoke(&mut app.client(), &id).await.expect(StatusCode::UNAUTHORIZED);
    ada.profile().await.expect(StatusCode::OK);
    eve.post_json(REVOKE_OTHERS, "").await.expect(StatusCode::OK);
    ada.profile().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn all_other_devices_are_signed_out_at_once_and_this_one_stays() {
    let app = App::new().await;
    let mut phone = app.signed_up("ada@x.test").await;
    let mut others = [logged_in(&app, "ada@x.test").await, logged_in(&app, "ada@x.test").await];
    for other in &mut others {
        other.profile().await.expect(StatusCode::OK);
    }
    phone.post_json(REVOKE_OTHERS, "").await.expect(StatusCode::OK);
    for other in &mut others {
        other.profile().await.expect(StatusCode::UNAUTHORIZED);
    }
    phone.profile().await.expect(StatusCode::OK);
    assert_eq!(sessions(&mut phone).await.len(), 1);
}

#[tokio::test]
async fn a_customer_who_ends_their_own_session_is_logged_out() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let id = own_id(&mut client).await;
    revoke(&mut client, &id).await.expect(StatusCode::OK);
    assert!(client.has_no_session());
}

#[tokio::test]
async fn c8_devices_are_seen_and_ended_without_scripts() {
    let app = App::new().await;
    let mut phone = app.signed_up("ada@x.test").await;
    let mut laptop = app.client();
    laptop.headers.insert("user-agent", FIREFOX.parse().unwrap());
    laptop.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    let page = phone.get_page("/account/sessions").await.expect(StatusCode::OK);
    assert!(page.body.contains("Firefox on Linux") && page.body.contains("This device"), "{}", page.body);
    let id = own_id(&mut laptop).await;

    let answer = phone.post_form(REVOKE, &[("session", &id)]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/account/sessions");
    let page = phone.get_page("/account/sessions").await.expect(StatusCode::OK);
    assert!(
        page.body.contains("Signed out. You'll need to log in there again.") && !page.body.contains("Firefox on Linux"),
        "{}",
        page.body
    );
    assert!(
        !phone.get_page("/account/sessions").await.body.contains("Signed out. You'll need to log in there again."),
        "it is said once"
    );

    let answer = phone.post_form(REVOKE, &[("session", &id)]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/account/sessions");
    assert!(phone.get_page("/account/sessions").await.body.contains("We couldn't find that. It may no longer exist."));
    assert_eq!(laptop.get_page("/account/sessions").await.location(), "/login?next=/account/sessions");
    let answer = laptop.post_form(REVOKE_OTHERS, &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/login?next=/account/sessions");
}
