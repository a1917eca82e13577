//! Invalid input: the right 4xx, never a 500, and no write.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use doorstep::{endpoints::ENDPOINTS, pages::PAGES};
use serde_json::json;

use super::harness::{App, Client, PASSWORD, request};

const POSTS: [&str; 4] = ["/api/auth/signup", "/api/auth/login", "/api/auth/logout", "/api/auth/refresh-token"];

async fn post(client: &mut Client, path: &str, content_type: &str, body: impl Into<Body>) -> super::harness::Answer {
    let mut request = request(Method::POST, path);
    if !content_type.is_empty() {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    client.send(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn an_encoded_body_is_refused_with_a_message_that_says_what_is_accepted() {
    let app = App::new().await;
    for (encoding, status) in [("gzip", StatusCode::UNSUPPORTED_MEDIA_TYPE), ("identity", StatusCode::UNAUTHORIZED)] {
        let body = json!({ "email": "ada@x.test", "password": PASSWORD }).to_string();
        let login = request(Method::POST, "/api/auth/login").header(header::CONTENT_TYPE, "application/json");
        let login = login.header(header::CONTENT_ENCODING, encoding).body(body.into()).unwrap();
        let answer = app.client().send(login).await.expect(status);
        let message = answer.json()["message"].to_string();
        assert_eq!(message.contains("without a content encoding"), encoding == "gzip", "{message}");
    }
}

#[tokio::test]
async fn malformed_json_is_invalid() {
    let app = App::new().await;
    for path in POSTS {
        for body in
            ["{", "[]", "null", "\"x\"", "{\"email\":}", "{\"a\":1,}", &"[".repeat(5000), &"{\"a\":".repeat(5000)]
        {
            let answer = app.client().post_json(path, body.to_owned()).await;
            assert_eq!(answer.expect(StatusCode::UNPROCESSABLE_ENTITY).code(), "invalid", "{path} {body:.20}");
        }
    }
}

#[tokio::test]
async fn r7_wrong_types_and_duplicate_keys_are_malformed() {
    let app = App::new().await;
    app.signed_up("ada@x.test").await;
    for email in [json!({ "$gt": "" }), json!(["ada@x.test"]), json!(1), json!(true)] {
        let body = json!({ "email": email, "password": PASSWORD }).to_string();
        let answer = app.client().post_json("/api/auth/login", body).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.json()["fields"], json!({ "email": "malformed" }), "{email}");
    }
    let twice = format!(r#"{{"email":"ada@x.test","email":"eve@x.test","password":"{PASSWORD}"}}"#);
    let answer = app.client().post_json("/api/auth/login", twice).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.json()["fields"], json!({ "email": "malformed" }));
    let form = "application/x-www-form-urlencoded";
    for body in ["email[$ne]=&password[$ne]=", "email%5B%24ne%5D=x&password=seven+tall+herons", "email[]=a&password=b"]
    {
        let answer = post(&mut app.client(), "/api/auth/login", form, body).await;
        assert_eq!(answer.expect(StatusCode::UNPROCESSABLE_ENTITY).json()["fields"]["email"], "required", "{body}");
    }
}

#[tokio::test]
async fn r7_other_content_types_are_refused() {
    let app = App::new().await;
    let body = json!({ "email": "ada@x.test", "password": PASSWORD }).to_string();
    for content_type in
        ["text/plain", "multipart/form-data; boundary=x", "application/xml", "", "json", "application/json-patch+json"]
    {
        for path in POSTS {
            let answer = post(&mut app.client(), path, content_type, body.clone()).await;
            assert_eq!(
                answer.expect(StatusCode::UNSUPPORTED_MEDIA_TYPE).code(),
                "unsupported_media_type",
                "{content_type:?} {path}"
            );
        }
    }
}

#[tokio::test]
async fn n12_s5_a_body_is_not_read_on_a_route_that_takes_none() {
    let app = App::new().await;
    let endpoints = ENDPOINTS.iter().filter(|endpoint| endpoint.method != Method::POST).map(|endpoint| endpoint.path);
    let pages = PAGES.iter().map(|page| page.path);
    for path in endpoints.chain(pages).chain(["/openapi.json", "/nothing/here"]) {
        let is_read = Arc::new(AtomicBool::new(false));
        let read = is_read.clone();
        let endless = futures_util::stream::repeat_with(move || {
            // It would fill the memory.
            assert!(!read.swap(true, Ordering::Relaxed), "{path}");
            Ok::<_, std::io::Error>(vec![b'x'; 1024])
        });
        app.client().send(request(Method::GET, path).body(Body::from_stream(endless)).unwrap()).await;
        assert!(!is_read.load(Ordering::Relaxed), "{path}");
    }
}

#[tokio::test]
async fn s5_a_body_over_64_kib_is_too_large_at_once() {
    let app = App::new().await;
    let body = json!({ "email": "ada@x.test", "password": "x".repeat(1 << 20) }).to_string();
    for path in POSTS {
        let answer = app.client().post_json(path, body.clone()).await;
        assert_eq!(answer.expect(StatusCode::PAYLOAD_TOO_LARGE).code(), "too_large", "{path}");
        // Whatever length was announced.
        let stream = futures_util::stream::iter((0..100).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 1 << 14])));
        let answer = app.client().post_json(path, Body::from_stream(stream)).await;
        assert_eq!(answer.expect(StatusCode::PAYLOAD_TOO_LARGE).code(), "too_large", "{path}");
    }
}

#[tokio::test]
async fn a_body_just_under_the_limit_is_read() {
    let app = App::new().await;
    let body = json!({ "email": "ada@x.test", "password": "x".repeat(65_000) }).to_string();
    app.client().post_json("/api/auth/login", body).await.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn text_that_is_not_unicode_is_refused() {
    let app = App::new().await;
    let form = "application/x-www-form-urlencoded";
    let answer = post(&mut app.client(), "/api/auth/login", form, "email=%ff%fe&password=x").await;
    assert_eq!(answer.expect(StatusCode::UNPROCESSABLE_ENTITY).json()["fields"], json!({ "email": "malformed" }));
    let answer = app.client().post_json("/api/auth/login", &b"{\"email\":\"\xff\",\"password\":\"x\"}"[..]).await;
    assert_eq!(answer.expect(StatusCode::UNPROCESSABLE_ENTITY).code(), "invalid");
}

#[tokio::test]
async fn a_nul_makes_no_password_and_no_account() {
    let app = App::new().await;
    let body = json!({ "name": "Ada", "email": "ada@x.test", "password": "seven\0tall" }).to_string();
    let answer = app.client().post_json("/api/auth/signup", body).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.json()["fields"], json!({ "password": "malformed" }));
    app.client().log_in("ada@x.test", "seven\0tall").await.expect(StatusCode::UNAUTHORIZED);
    app.client().log_in("ada@x.test\0", "seven").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    // The address is still free.
    app.client().sign_up("ada@x.test").await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn s2_r4_long_passwords_count_to_their_last_character() {
    let app = App::new().await;
    let start = "seven tall herons wade slowly past nine short otters below the stone bridge";
    assert!(start.len() > 72);
    let password = format!("{start}x");
    let body = json!({ "name": "Ada", "email": "ada@x.test", "password": password }).to_string();
    app.client().post_json("/api/auth/signup", body).await.expect(StatusCode::CREATED);
    app.client().log_in("ada@x.test", &format!("{start}y")).await.expect(StatusCode::UNAUTHORIZED);
    app.client().log_in("ada@x.test", start).await.expect(StatusCode::UNAUTHORIZED);
    app.client().log_in("ada@x.test", &password).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn r1_two_spellings_of_an_address_are_one_account_and_two_addresses_in_one_are_refused() {
    let app = App::new().await;
    app.signed_up("a@x.test").await;
    app.client().sign_up(" A@X.TEST ").await.expect(StatusCode::CONFLICT);
    for email in ["a\u{ff20}x.test", "a@x.test,b@y.test", "\"e@evil\"@x.test", "a@x.test\r\nBcc: b@y.test"] {
        app.client().sign_up(email).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn an_empty_body_is_an_empty_form_whatever_it_is_called() {
    let app = App::new().await;
    for content_type in ["", "application/json", "application/x-www-form-urlencoded"] {
        post(&mut app.client(), "/api/auth/logout", content_type, "").await.expect(StatusCode::OK);
    }
}
