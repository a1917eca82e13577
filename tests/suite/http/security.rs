//! Confirming the password again, and changing it.

use axum::http::StatusCode;
use serde_json::json;
use time::Duration;

use super::harness::{Answer, App, Client, Options, PASSWORD};

const CONFIRM: &str = "/api/auth/confirm";
const CHANGE: &str = "/api/auth/change-password";
const REVOKE_OTHERS: &str = "/api/auth/sessions/revoke-others";
const NEW: &str = "nine short otters";

async fn confirm(client: &mut Client, password: &str) -> Answer {
    client.post_json(CONFIRM, json!({ "current_password": password }).to_string()).await
}

async fn change(client: &mut Client, current: &str, new: &str) -> Answer {
    client.post_json(CHANGE, json!({ "current_password": current, "password": new }).to_string()).await
}

/// Returns the error code of a field.
#[track_caller]
fn fault(answer: Answer, field: &str) -> String {
    let body = answer.expect(StatusCode::UNPROCESSABLE_ENTITY).json();
    body["fields"][field].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

#[tokio::test]
async fn t11_a_sensitive_change_asks_for_the_password_ten_minutes_after_the_last_proof() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    app.clock.advance(Duration::minutes(10) - Duration::milliseconds(1));
    client.post_json(REVOKE_OTHERS, "").await.expect(StatusCode::OK);
    app.clock.advance(Duration::milliseconds(1));
    let answer = client.post_json(REVOKE_OTHERS, "").await.expect(StatusCode::FORBIDDEN);
    assert_eq!(answer.code(), "confirmation_required");
    // Rotation does not confirm the password.
    client.refresh().await.expect(StatusCode::OK);
    client.post_json(REVOKE_OTHERS, "").await.expect(StatusCode::FORBIDDEN);

    assert_eq!(fault(confirm(&mut client, "wrong password").await, "current_password"), "wrong");
    assert_eq!(fault(confirm(&mut client, "").await, "current_password"), "required");
    client.post_json(REVOKE_OTHERS, "").await.expect(StatusCode::FORBIDDEN);
    confirm(&mut client, PASSWORD).await.expect(StatusCode::OK);
    client.post_json(REVOKE_OTHERS, "").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn t1_a_confirmation_moves_the_session_to_an_id_of_its_own() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let before = client.clone();
    confirm(&mut client, PASSWORD).await.expect(StatusCode::OK);
    assert_ne!(client.cookies["accessToken"], before.cookies["accessToken"]);
    before.clone().profile().await.expect(StatusCode::UNAUTHORIZED);
    before.clone().refresh().await.expect(StatusCode::UNAUTHORIZED);
    client.profile().await.expect(StatusCode::OK);
    confirm(&mut app.client(), PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn t9_a_change_of_the_password_ends_every_other_session_and_the_old_password() {
    let app = App::new().await;
    let mut phone = app.signed_up("ada@x.test").await;
    let mut laptop = app.client();
    laptop.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    laptop.profile().await.expect(StatusCode::OK);
    let before = phone.clone();

    change(&mut phone, PASSWORD, NEW).await.expect(StatusCode::OK);
    phone.profile().await.expect(StatusCode::OK);
    for old in [&laptop, &before] {
        old.clone().profile().await.expect(StatusCode::UNAUTHORIZED);
        old.clone().refresh().await.expect(StatusCode::UNAUTHORIZED);
    }
    app.client().log_in("ada@x.test", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    app.client().log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_password_is_changed_only_with_the_current_one_and_only_to_a_strong_one() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    assert_eq!(fault(change(&mut client, "wrong password", NEW).await, "current_password"), "wrong");
    assert_eq!(fault(change(&mut client, "", NEW).await, "current_password"), "required");
    assert_eq!(fault(change(&mut client, PASSWORD, "short").await, "password"), "too_short");
    assert_eq!(fault(change(&mut client, PASSWORD, "password123").await, "password"), "too_common");
    assert_eq!(fault(change(&mut client, PASSWORD, "ada@x.test").await, "password"), "too_personal");
    change(&mut app.client(), PASSWORD, NEW).await.expect(StatusCode::UNAUTHORIZED);
    client.profile().await.expect(StatusCode::OK);
    app.client().log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn l5_guesses_of_the_password_in_a_stolen_session_are_limited() {
    let app = App::with(Options { rate_limits: true, ..Options::default() }).await;
    let mut client = app.signed_up("ada@x.test").await;
    for number in 0..20 {
        let answer = match number % 2 {
            0 => confirm(&mut client, "wrong password").await,
            _ => change(&mut client, "wrong password", NEW).await,
        };
        answer.expect(StatusCode::UNPROCESSABLE_ENTITY);
        app.clock.advance(Duration::seconds(5));
    }
    confirm(&mut client, PASSWORD).await.expect(StatusCode::TOO_MANY_REQUESTS);
    let answer = change(&mut client, PASSWORD, NEW).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert!(!answer.header("retry-after").is_empty());
}

#[tokio::test]
async fn c8_a_password_is_changed_without_scripts() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let answer = client.post_form(CHANGE, &[("current_password", "wrong password"), ("password", "short")]).await;
    assert_eq!(answer.expect(StatusCode::SEE_OTHER).location(), "/account/security");
    let page = client.get_page("/account/security").await.expect(StatusCode::OK);
    assert!(page.body.contains("Use at least 8 characters."), "{}", page.body);
    assert!(!page.body.contains("wrong password"));

    let answer = client.post_form(CHANGE, &[("current_password", PASSWORD), ("password", NEW)]).await;
    assert_eq!(answer.expect(StatusCode::SEE_OTHER).location(), "/account/security");
    let page = client.get_page("/account/security").await.expect(StatusCode::OK);
    assert!(page.body.contains("Your password has been changed"), "{}", page.body);
    app.client().log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn t11_without_scripts_a_confirmation_leads_back_to_where_the_customer_was() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    app.client().log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    app.clock.advance(Duration::minutes(10));
    let page = client.get_page("/account/sessions").await.expect(StatusCode::OK);
    assert!(page.body.contains("/account/confirm?next=/account/sessions") && !page.body.contains("Sign out all"));

    let answer = client.post_form(REVOKE_OTHERS, &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/account/confirm?next=/account/sessions");
    let page = client.get_page(answer.location()).await.expect(StatusCode::OK);
    assert!(page.body.contains(r#"name="next" value="/account/sessions""#), "{}", page.body);
    let fields = |password| [("current_password", password), ("next", "/account/sessions")];
    let answer = client.post_form(CONFIRM, &fields("wrong password")).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/account/confirm?next=/account/sessions");
    assert!(client.get_page(answer.location()).await.body.contains("That password isn't right."));
    let answer = client.post_form(CONFIRM, &fields(PASSWORD)).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/account/sessions");
    assert!(client.get_page("/account/sessions").await.body.contains("Sign out all other devices"));
    client.post_form(REVOKE_OTHERS, &[]).await.expect(StatusCode::SEE_OTHER);
    assert!(!client.get_page("/account/sessions").await.body.contains("Last active"));
}

#[tokio::test]
async fn account_pages_redirect_a_visitor_to_the_login() {
    let app = App::new().await;
    for page in ["/account/sessions", "/account/security", "/account/confirm"] {
        let answer = app.client().get_page(page).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(answer.location(), format!("/login?next={page}"));
        assert!(answer.body.is_empty());
    }
}
