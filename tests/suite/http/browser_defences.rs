//! What protects a browser from other sites, and from scripts in our pages.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use doorstep::endpoints::ENDPOINTS;
use serde_json::json;

use super::harness::{App, ORIGIN, Options, PASSWORD, request};

/// Returns all paths of the API, from the router.
fn api_paths() -> impl Iterator<Item = (&'static str, Method)> {
    ENDPOINTS.iter().map(|endpoint| (endpoint.path, endpoint.method.clone()))
}

/// Returns the paths that change something.
fn unsafe_paths() -> Vec<&'static str> {
    let paths: Vec<_> = api_paths().filter(|(_, method)| *method == Method::POST).map(|(path, _)| path).collect();
    assert!(paths.contains(&"/api/auth/change-email/confirm") && paths.len() > 15, "{paths:?}");
    paths
}

/// Sends a login with these headers.
async fn log_in_with(app: &App, headers: &[(&str, &str)]) -> super::harness::Answer {
    let mut client = app.client();
    let mut request = request(Method::POST, "/api/auth/login").header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = json!({ "email": "ada@x.test", "password": PASSWORD }).to_string();
    client.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn c1_unsafe_requests_of_other_origins_are_refused() {
    let app = App::new().await;
    app.signed_up("ada@x.test").await;
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.test")],
        &[("origin", "https://evil.test"), ("host", "localhost:5000")],
        &[("origin", "null"), ("host", "localhost:5000")],
        &[("origin", "http://localhost:5001"), ("host", "localhost:5000")],
        &[("origin", "http://localhost:5000.evil.test"), ("host", "localhost:5000")],
    ] {
        let answer = log_in_with(&app, headers).await.expect(StatusCode::FORBIDDEN);
        assert_eq!(answer.code(), "cross_origin", "{headers:?}");
        assert!(answer.set_cookies().is_empty());
    }
}

#[tokio::test]
async fn c1_our_own_pages_and_clients_that_are_not_browsers_may_send() {
    let app = App::with(Options { allowed_hosts: vec!["behind-a-proxy.internal"], ..Options::default() }).await;
    app.signed_up("ada@x.test").await;
    for headers in [
        &[][..],
        &[("sec-fetch-site", "same-origin"), ("origin", ORIGIN)],
        &[("sec-fetch-site", "none")],
        &[("origin", ORIGIN), ("host", "behind-a-proxy.internal")],
    ] {
        log_in_with(&app, headers).await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn c1_every_unsafe_path_is_covered() {
    let app = App::new().await;
    for path in unsafe_paths() {
        let from_elsewhere = |accept: &str| {
            let request = request(Method::POST, path).header("sec-fetch-site", "cross-site").header("accept", accept);
            request.body(Body::empty()).unwrap()
        };
        let answer = app.client().send(from_elsewhere("*/*")).await.expect(StatusCode::FORBIDDEN);
        assert_eq!(answer.code(), "cross_origin", "{path}");
        let page = app.client().send(from_elsewhere("text/html")).await.expect(StatusCode::FORBIDDEN);
        assert!(page.body.starts_with("<!DOCTYPE html>"), "{path}: {page:?}");
    }
}

/// Someone on the network can write a page of `http://shop.test`. Older browsers tell it only by its scheme.
#[tokio::test]
async fn c1_a_page_of_the_same_host_without_tls_is_another_origin() {
    for (origin, of_page, status) in [
        ("https://shop.test", "http://shop.test", StatusCode::FORBIDDEN),
        ("https://shop.test", "https://shop.test", StatusCode::UNAUTHORIZED),
        ("https://shop.test:8443", "http://shop.test:8443", StatusCode::FORBIDDEN),
        ("http://localhost:3000", "http://localhost:3000", StatusCode::UNAUTHORIZED),
    ] {
        let app = App::with(Options { origin, ..Options::default() }).await;
        let host = origin.split("//").nth(1).unwrap();
        log_in_with(&app, &[("origin", of_page), ("host", host)]).await.expect(status);
    }
}

/// The address stays in the browser after a form that shows its result there, and is loaded again.
#[tokio::test]
async fn c8_a_browser_that_opens_the_address_of_a_form_gets_its_page() {
    let app = App::new().await;
    for path in unsafe_paths() {
        let open = |accept: &str| request(Method::GET, path).header("accept", accept).body(Body::empty()).unwrap();
        let opened = app.client().send(open("text/html")).await;
        assert!(!opened.header("content-type").contains("json"), "{path}: {opened:?}");
        if opened.status != StatusCode::METHOD_NOT_ALLOWED {
            assert_eq!(opened.status, StatusCode::SEE_OTHER, "{path}");
            assert!(!opened.location().starts_with("/api/"), "{path}: {opened:?}");
        }
        app.client().send(open("application/json")).await.expect(StatusCode::METHOD_NOT_ALLOWED);
    }
    let log_in = request(Method::GET, "/api/auth/login").header("accept", "text/html").body(Body::empty()).unwrap();
    assert_eq!(app.client().send(log_in).await.location(), "/login");
}

#[tokio::test]
async fn c2_a_get_never_does_what_a_post_does() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    for path in unsafe_paths() {
        let before = client.cookies.clone();
        for method in [Method::GET, Method::HEAD] {
            let request = request(method, path).body(Body::empty()).unwrap();
            let answer = client.send(request).await.expect(StatusCode::METHOD_NOT_ALLOWED);
            assert!(answer.set_cookies().is_empty(), "{path}");
        }
        assert_eq!(client.cookies, before);
    }
    client.profile().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn c4_every_page_has_the_policy_with_a_fresh_nonce_on_its_scripts() {
    let app = App::new().await;
    let mut nonces = BTreeSet::new();
    for path in ["/", "/signup", "/login", "/nothing"] {
        // The first page is rendered, and the next comes from the cache. With a query, it is always rendered.
        for path in [path, path, path, &format!("{path}?next=/account")] {
            let page = app.client().get_page(path).await;
            let policy = page.header("content-security-policy").to_owned();
            let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
            assert_eq!(
                policy,
                format!(
                    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src \
                     'self'; connect-src 'self'; img-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri \
                     'none'; object-src 'none'; frame-ancestors 'none'"
                )
            );
            for script in page.body.split("<script").skip(1) {
                assert!(script.split('>').next().unwrap().contains(&format!("nonce=\"{nonce}\"")), "{script:.80}");
            }
            assert!(!page.body.contains(" style=") && !page.body.contains(" onclick="));
            assert_eq!(page.body.matches("<script").count(), page.body.matches(" nonce=").count(), "{path}");
            assert!(nonces.insert(nonce), "a nonce came twice");
        }
    }
}

#[tokio::test]
async fn c5_every_answer_carries_the_defences() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let others = ["/", "/login", "/account", "/nothing", "/api/nothing", "/healthz", "/favicon.svg", "/pkg/nothing.js"];
    for path in others.into_iter().chain(api_paths().map(|(path, _)| path)) {
        let answer = client.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(!answer.header("permissions-policy").is_empty(), "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(answer.headers.get("access-control-allow-origin").is_none(), "{path}");
        assert!(answer.headers.get("strict-transport-security").is_none(), "{path}");
    }
    let app = App::with(Options { origin: "https://shop.test", ..Options::default() }).await;
    for path in others.into_iter().chain(api_paths().map(|(path, _)| path)) {
        let answer = app.client().get(path).await;
        assert_eq!(answer.header("strict-transport-security"), "max-age=63072000; includeSubDomains", "{path}");
    }
}

#[tokio::test]
async fn c6_private_pages_and_answers_are_never_cached() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    for path in ["/", "/account", "/api/auth/profile", "/login"] {
        assert_eq!(client.get_page(path).await.header("cache-control"), "no-store", "{path}");
    }
    assert_eq!(app.client().sign_up("eve@x.test").await.header("cache-control"), "no-store");
    for path in ["/account/x.css", "/account.css", "/api/auth/profile/x.css"] {
        let answer = client.get_page(path).await.expect(StatusCode::NOT_FOUND);
        assert!(!answer.body.contains("ada@x.test</"), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn c3_a_crafted_error_in_a_url_shows_nothing_and_breaks_nothing() {
    use base64::{
        Engine,
        engine::general_purpose::{STANDARD, URL_SAFE},
    };
    let app = App::new().await;
    let error = r#"{"code":"internal","message":"canary: call 555-0100","fields":{}}"#;
    let plain = app.client().get_page("/login").await;
    let visible = |page: &str| page.split("<form").nth(1).unwrap().split("</form>").next().unwrap().to_owned();
    for value in
        [URL_SAFE.encode(error), STANDARD.encode(error), "canary".into(), "%00".into(), "%ff".into(), "x".repeat(4000)]
    {
        for path in ["/api/auth/login", "/api/auth/signup", "x"] {
            let page =
                app.client().get_page(&format!("/login?__path={path}&__err={value}")).await.expect(StatusCode::OK);
            assert!(!page.body.contains("canary"), "{}", page.body);
            assert_eq!(visible(&page.body), visible(&plain.body));
        }
    }
}

#[tokio::test]
async fn c3_a_crafted_referer_does_not_change_the_redirect() {
    let app = App::new().await;
    let mut client = app.client();
    client.headers.insert("referer", "https://evil.test/login?__err=x".parse().unwrap());
    let answer = client.post_form("/api/auth/login", &[("email", "a@x.test"), ("password", "wrong")]).await;
    assert_eq!(answer.expect(StatusCode::SEE_OTHER).location(), "/login");
}
