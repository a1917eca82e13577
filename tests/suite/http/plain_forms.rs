//! Every form, as a browser without scripts sends it.

use axum::http::StatusCode;

use super::harness::{App, Client, Options, PASSWORD};

const SIGN_UP: &str = "/api/auth/signup";
const LOG_IN: &str = "/api/auth/login";

#[tokio::test]
async fn c8_a_sign_up_without_scripts_leads_to_the_account_and_a_logout_out_of_it() {
    let app = App::new().await;
    let mut client = app.client();
    let fields = [("name", "Ada"), ("email", "ada@x.test"), ("password", PASSWORD)];
    let answer = client.post_form(SIGN_UP, &fields).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/account");
    client.get_page("/account").await.expect(StatusCode::OK);
    let answer = client.post_form("/api/auth/logout", &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/");
    assert!(!answer.header("clear-site-data").is_empty());
    assert!(client.has_no_session());
    let answer = client.post_form(LOG_IN, &[("email", "ada@x.test"), ("password", PASSWORD)]).await;
    assert_eq!(answer.expect(StatusCode::SEE_OTHER).location(), "/account");
}

/// Sends an invalid form, and follows the redirect.
async fn fail(client: &mut Client, action: &str, fields: &[(&str, &str)], page: &str) -> String {
    let answer = client.post_form(action, fields).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), page);
    client.get_page(page).await.expect(StatusCode::OK).body
}

#[tokio::test]
async fn c8_faults_are_shown_beside_their_fields_with_the_typed_values_and_no_password() {
    let app = App::new().await;
    let mut client = app.client();
    let fields = [("name", "Ada L"), ("email", "ada@no address"), ("password", "canary7")];
    let page = fail(&mut client, SIGN_UP, &fields, "/signup").await;
    assert!(page.contains("Enter an email address like name@example.com."), "{page}");
    assert!(page.contains("Use at least 8 characters."), "{page}");
    // A value that is not an address may be a password.
    assert!(page.contains("value=\"Ada L\"") && !page.contains("ada@no address"), "{page}");
    assert!(page.contains("aria-invalid=\"true\""), "{page}");
    assert!(page.contains("aria-describedby=\"email-error\""), "{page}");
    assert!(!page.contains("canary7"), "a password never comes back");

    // The state is used once.
    let page = client.get_page("/signup").await.body;
    assert!(!page.contains("aria-invalid=\"true\"") && !page.contains("Ada L"), "{page}");
    assert!(client.has_no_session());
}

#[tokio::test]
async fn c8_a_wrong_login_shows_the_fault_and_keeps_the_address_and_the_next_page() {
    let app = App::new().await;
    let mut client = app.client();
    let fields = [("email", "ada@x.test"), ("password", "wrong password"), ("next", "/orders")];
    let page = fail(&mut client, LOG_IN, &fields, "/login?next=/orders").await;
    assert!(page.contains("Incorrect email or password."), "{page}");
    assert!(page.contains("value=\"ada@x.test\"") && page.contains("value=\"/orders\""), "{page}");
}

#[tokio::test]
async fn c8_a_taken_address_and_a_common_password_are_explained_in_words() {
    let app = App::new().await;
    app.signed_up("ada@x.test").await;
    let mut client = app.client();
    let fields = [("name", "Ada"), ("email", "ada@x.test"), ("password", PASSWORD)];
    let page = fail(&mut client, SIGN_UP, &fields, "/signup").await;
    assert!(page.contains("There is already an account with this email address."), "{page}");
    let fields = [("name", "Ada"), ("email", "eve@x.test"), ("password", "password")];
    let page = fail(&mut client, SIGN_UP, &fields, "/signup").await;
    assert!(page.contains("Too easy to guess. Choose a different password."), "{page}");
}

#[tokio::test]
async fn the_state_of_one_form_is_not_shown_by_another() {
    let app = App::new().await;
    let mut client = app.client();
    client.post_form(LOG_IN, &[("email", "ada@x.test"), ("password", "wrong")]).await.expect(StatusCode::SEE_OTHER);
    assert!(!client.get_page("/signup").await.body.contains("ada@x.test"));
    assert!(client.get_page("/login").await.body.contains("ada@x.test"), "it waits for its own");
}

#[tokio::test]
async fn the_state_of_a_form_is_shown_only_to_the_browser_that_sent_it() {
    let app = App::new().await;
    let mut client = app.client();
    client.post_form(LOG_IN, &[("email", "ada@x.test"), ("password", "wrong")]).await.expect(StatusCode::SEE_OTHER);
    let mut other = app.client();
    assert!(!other.get_page("/login").await.body.contains("ada@x.test"));
    for cookie in ["garbage", "", "AAAAAAAAAAAAAAAAAAAAAA"] {
        other.cookies.insert("form".into(), cookie.into());
        other.get_page("/login").await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn an_error_that_no_form_can_show_is_an_error_page_with_its_status() {
    let app = App::new().await;
    let mut client = app.client();
    let page = client.post_form(LOG_IN, &[("password", &"x".repeat(70_000))]).await;
    let page = page.expect(StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.body.contains("That's too much to send at once."), "{}", page.body);
    assert!(!page.body.contains("<script"));
}

#[tokio::test]
async fn too_many_attempts_are_explained_in_words() {
    let app = App::with(Options { rate_limits: true, ..Options::default() }).await;
    let mut client = app.client();
    let wrong = [("email", "a@x.test"), ("password", "wrong")];
    for _ in 0..2 {
        let page = fail(&mut client, LOG_IN, &wrong, "/login").await;
        assert!(page.contains("Incorrect email or password."), "{page}");
    }
    let refused = client.post_form(LOG_IN, &wrong).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(refused.header("retry-after"), "2");
    // Of three attempts at the same time, the third is two seconds too early.
    let page = fail(&mut client, LOG_IN, &wrong, "/login").await;
    assert!(page.contains("Too many attempts. Try again in 2 seconds."), "{page}");
}

#[tokio::test]
async fn passwords_are_asked_for_as_password_managers_expect() {
    let app = App::new().await;
    let sign_up = app.client().get_page("/signup").await.body;
    assert!(sign_up.contains("autocomplete=\"new-password\"") && sign_up.contains("autocomplete=\"email\""));
    let log_in = app.client().get_page("/login").await.body;
    assert!(log_in.contains("autocomplete=\"current-password\"") && log_in.contains("autocomplete=\"username\""));
}
