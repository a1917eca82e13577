//! Disabled accounts.

use axum::http::StatusCode;
use doorstep::{accounts::ports::Clock, domain::EmailAddress};
use serde_json::json;

use super::harness::{App, Client, Options, PASSWORD};

/// Disables or enables Ada's account. Her sessions are left unchanged.
async fn set_disabled(app: &App, disabled: bool) {
    let ada = app.stores.customers.find_by_email(&EmailAddress::parse("ada@x.test").unwrap()).await.unwrap().unwrap();
    assert!(app.stores.customers.set_disabled(ada.id, disabled, app.clock.now()).await.unwrap());
}

#[tokio::test]
async fn l1_a_disabled_account_is_answered_like_a_wrong_password() {
    let app = App::with(Options { rate_limits: true, ..Options::default() }).await;
    app.signed_up("ada@x.test").await;
    app.signed_up("bob@x.test").await;
    set_disabled(&app, true).await;
    let mut answers = Vec::new();
    for (email, password) in
        [("ada@x.test", PASSWORD), ("ada@x.test", "wrong password"), ("bob@x.test", "wrong password")]
    {
        app.clock.advance(time::Duration::HOUR);
        let mut answer = app.client().log_in(email, password).await;
        answer.headers.remove("x-request-id");
        answers.push((answer.status, answer.headers, answer.body));
    }
    assert_eq!(answers[0].0, StatusCode::UNAUTHORIZED);
    assert!(answers[0].2.contains("invalid_credentials"), "{answers:?}");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");

    // The attempt counts, although the password is right.
    let mut client = app.client();
    let mut tried = 0;
    while client.log_in("ada@x.test", PASSWORD).await.status == StatusCode::UNAUTHORIZED {
        tried += 1;
        assert!(tried < 100, "guesses are not counted");
    }
    client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn t9_a_disabled_customer_cannot_use_a_remaining_session() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let mut refreshing = client.clone();
    set_disabled(&app, true).await;
    client.clone().profile().await.expect(StatusCode::UNAUTHORIZED);
    let body = json!({ "current_password": PASSWORD });
    client.clone().post_json("/api/auth/confirm", body.to_string()).await.expect(StatusCode::UNAUTHORIZED);
    refreshing.refresh().await.expect(StatusCode::UNAUTHORIZED);
    assert!(refreshing.has_no_session());

    set_disabled(&app, false).await;
    client.profile().await.expect(StatusCode::UNAUTHORIZED);
    app.client().log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_page_of_a_disabled_customer_redirects_to_the_login() {
    let app = App::new().await;
    let mut client: Client = app.signed_up("ada@x.test").await;
    let mut refreshing = client.clone();
    refreshing.cookies.remove("accessToken");
    set_disabled(&app, true).await;
    for client in [&mut client, &mut refreshing] {
        let page = client.get_page("/account").await.expect(StatusCode::SEE_OTHER);
        assert_eq!(page.location(), "/login?next=/account");
        assert!(client.has_no_session());
    }
}
