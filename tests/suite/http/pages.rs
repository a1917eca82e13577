//! Pages: who can see them, and what they contain.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};

use super::harness::{App, PASSWORD, request};

#[tokio::test]
async fn every_page_has_its_title_and_one_heading() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    for (path, title) in [("/", "Welcome"), ("/signup", "Create your account"), ("/login", "Log in")] {
        let page = app.client().get_page(path).await.expect(StatusCode::OK);
        assert!(page.header("content-type").starts_with("text/html"));
        assert!(page.body.contains(&format!("<title>{title} · Tea &amp; Co</title>")), "{path}: {}", page.body);
        assert!(page.body.contains("<html lang=\"en\""), "{path}");
        assert_eq!(page.body.matches("<h1").count(), 1, "{path}");
    }
    let page = client.get_page("/account").await.expect(StatusCode::OK);
    assert!(page.body.contains("<title>Your account · Tea &amp; Co</title>"));
    assert!(page.body.contains("ada@x.test") && page.body.contains("Ada"));
    let page = client.get_page("/").await.expect(StatusCode::OK);
    assert!(page.body.contains("Hello, Ada") && page.body.contains("href=\"/account\""));
}

#[tokio::test]
async fn a_page_that_is_not_there_says_so() {
    let app = App::new().await;
    let page = app.client().get_page("/nothing/here").await.expect(StatusCode::NOT_FOUND);
    assert!(page.body.contains("Page not found"));
}

#[tokio::test]
async fn the_account_page_is_only_for_signed_in_customers_and_not_rendered_for_others() {
    let app = App::new().await;
    let answer = app.client().get_page("/account").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/login?next=/account");
    assert_eq!(answer.body, "");
    let answer = app.client().get_page("/account?a=b&c=d").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/login?next=/account%3Fa%3Db%26c%3Dd");
}

#[tokio::test]
async fn a_cached_page_holds_no_customers_data_and_a_customer_never_gets_a_visitors_page() {
    let app = App::new().await;
    let mut ada = app.signed_up("ada@x.test").await;
    assert!(ada.get_page("/").await.body.contains("Hello, Ada"));
    let first = app.client().get_page("/").await.body;
    let again = app.client().get_page("/").await.body;
    assert!(first.contains("Create an account") && !first.contains("Ada"), "{first}");
    assert_eq!(first.len(), again.len());
    assert!(ada.get_page("/").await.body.contains("Hello, Ada"));
    let head = request(Method::HEAD, "/login").body(Body::empty()).unwrap();
    app.client().send(head).await.expect(StatusCode::OK);
    assert!(app.client().get_page("/login").await.body.contains("</form>"), "a HEAD leaves no empty page behind");
}

#[tokio::test]
async fn the_login_redirects_a_signed_in_customer_to_the_account() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    for path in ["/login", "/signup"] {
        assert_eq!(client.get_page(path).await.expect(StatusCode::SEE_OTHER).location(), "/account");
    }
}

#[tokio::test]
async fn an_ended_session_clears_its_cookies_and_its_pages_redirect_to_the_login() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let mut copy = client.clone();
    client.log_out().await.expect(StatusCode::OK);
    let answer = copy.get_page("/account").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/login?next=/account");
    assert!(copy.has_no_session());
}

#[tokio::test]
async fn l7_a_login_redirects_only_within_this_site() {
    let app = App::new().await;
    app.signed_up("ada@x.test").await;
    for (next, target) in [
        ("/account", "/account"),
        ("/orders?page=2", "/orders?page=2"),
        ("//evil.test", "/account"),
        ("/\\evil.test", "/account"),
        ("/%09/evil.test", "/account"),
        ("https:evil.test", "/account"),
        ("javascript:alert(1)", "/account"),
        ("/a\r\nset-cookie: x=y", "/account"),
        ("", "/account"),
    ] {
        let fields = [("email", "ada@x.test"), ("password", PASSWORD), ("next", next)];
        let answer = app.client().post_form("/api/auth/login", &fields).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(answer.location(), target, "{next:?}");
    }
    let page = app.client().get_page("/login?next=//evil.test").await.expect(StatusCode::OK);
    assert!(!page.body.contains("evil.test"));
    let page = app.client().get_page("/login?next=%2Forders%3Fpage%3D2").await.expect(StatusCode::OK);
    assert!(page.body.contains("value=\"/orders?page=2\""), "{}", page.body);
}

#[tokio::test]
async fn p2_no_secret_is_in_a_page_or_an_answer() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let mut secrets = vec!["$2b$".to_owned(), "hmac-sha384".to_owned(), PASSWORD.to_owned()];
    secrets.extend(client.cookies.values().cloned());
    for path in [
        "/",
        "/account",
        "/account/sessions",
        "/account/activity",
        "/account/security",
        "/account/confirm",
        "/api/auth/profile",
        "/api/auth/sessions",
        "/api/auth/activity",
        "/.well-known/jwks.json",
    ] {
        let answer = client.get_page(path).await.expect(StatusCode::OK);
        for secret in &secrets {
            assert!(!answer.body.contains(secret), "{path}");
        }
    }
}

#[tokio::test]
async fn r7_a_token_that_no_mail_can_contain_is_not_put_into_a_form() {
    let app = App::new().await;
    let field = "name=\"token\"";
    let page = app.client().get_page("/reset-password?token=abc-_9").await.expect(StatusCode::OK);
    assert!(page.body.contains(field), "{}", page.body);
    for token in ["%22x", "", "a.b", "a+b", "a%20b"] {
        let page = app.client().get_page(&format!("/reset-password?token={token}")).await.expect(StatusCode::OK);
        assert!(!page.body.contains(field), "{token}: {}", page.body);
    }
}
