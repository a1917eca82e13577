//! The API's contract: the response to each request, and every row of the error table.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use doorstep::endpoints::{ENDPOINTS, document};
use serde_json::json;

use super::harness::{App, Options, PASSWORD, build_with_hasher, client_of, request};

#[tokio::test]
async fn a_sign_up_answers_the_customer_and_signs_them_in() {
    let app = App::new().await;
    let mut client = app.client();
    let answer = client.sign_up(" Ada@Example.COM ").await.expect(StatusCode::CREATED);
    let customer = answer.json();
    let mut keys: Vec<&str> = customer.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["_id", "createdAt", "email", "name", "role", "updatedAt"]);
    assert_eq!(customer["email"], "ada@example.com");
    assert_eq!(customer["role"], "customer");
    assert!(customer["_id"].as_str().unwrap().len() == 24);
    assert!(customer["createdAt"].as_str().unwrap().ends_with('Z'));
    let profile = client.profile().await.expect(StatusCode::OK);
    assert_eq!(profile.json(), customer);
}

#[tokio::test]
async fn a_login_answers_the_customer_and_signs_them_in() {
    let app = App::new().await;
    app.signed_up("ada@x.test").await;
    let mut client = app.client();
    let answer = client.log_in("ADA@x.test", PASSWORD).await.expect(StatusCode::OK);
    assert_eq!(answer.json()["email"], "ada@x.test");
    client.profile().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn forms_and_json_do_the_same_on_one_path() {
    let app = App::new().await;
    let mut client = app.client();
    let request = request(Method::POST, "/api/auth/signup")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("name=Ada&email=ada%40x.test&password=seven+tall+herons"))
        .unwrap();
    client.send(request).await.expect(StatusCode::CREATED).json();
    app.client().log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn l1_a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let app = App::new().await;
    app.signed_up("ada@x.test").await;
    let mut client = app.client();
    let mut wrong = client.log_in("ada@x.test", "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    let mut unknown = client.log_in("nobody@x.test", "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    let over_long = client.log_in("ada@x.test", &"x".repeat(5000)).await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.code(), "invalid_credentials");
    assert_eq!(over_long.body, wrong.body);
    for answer in [&mut wrong, &mut unknown] {
        answer.headers.remove("x-request-id");
    }
    assert_eq!(wrong.headers, unknown.headers);
    assert_eq!(wrong.body, unknown.body);
}

#[tokio::test]
async fn without_a_session_there_is_no_profile_and_nothing_to_refresh() {
    let app = App::new().await;
    let mut client = app.client();
    assert_eq!(client.profile().await.expect(StatusCode::UNAUTHORIZED).code(), "unauthenticated");
    assert_eq!(client.refresh().await.expect(StatusCode::UNAUTHORIZED).code(), "unauthenticated");
}

#[tokio::test]
async fn a_sign_up_with_a_taken_address_is_refused_as_taken() {
    let app = App::new().await;
    app.signed_up("ada@x.test").await;
    let mut client = app.client();
    assert_eq!(client.sign_up("ADA@X.test").await.expect(StatusCode::CONFLICT).code(), "email_taken");
    assert!(client.has_no_session());
}

#[tokio::test]
async fn a_profile_that_is_looked_at_in_a_browser_is_the_same_json() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    assert_eq!(client.get_page("/api/auth/profile").await.expect(StatusCode::OK).json()["email"], "ada@x.test");
    let answer = app.client().get_page("/api/auth/profile").await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(answer.code(), "unauthenticated");
}

#[tokio::test]
async fn fifty_sign_ups_of_one_address_make_one_account() {
    let app = App::new().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let mut client = app.client();
        tasks.spawn(async move { client.sign_up("ada@x.test").await.status });
    }
    let statuses = tasks.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::CREATED).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::CONFLICT).count(), 49);
}

#[tokio::test]
async fn every_fault_of_a_form_is_reported_at_once_by_field() {
    let app = App::new().await;
    let answer = app.client().post_json("/api/auth/signup", "{}").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.code(), "invalid");
    assert_eq!(answer.json()["fields"], json!({ "name": "required", "email": "required", "password": "required" }));

    let body = json!({ "name": "x".repeat(101), "email": "nonsense", "password": "short" }).to_string();
    let answer = app.client().post_json("/api/auth/signup", body).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.json()["fields"], json!({ "name": "too_long", "email": "malformed", "password": "too_short" }));

    let answer = app.client().post_json("/api/auth/login", "{}").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.json()["fields"], json!({ "email": "required", "password": "required" }));
}

#[tokio::test]
async fn r5_common_and_personal_passwords_are_refused_with_the_reason() {
    let app = App::new().await;
    for (password, reason) in [
        ("Password1", "too_common"),
        ("iloveyou", "too_common"),
        ("Winter2025Winter2025", "too_common"),
        ("Ch4ng3m3!", "too_common"),
        ("ｐａｓｓｗｏｒｄ", "too_common"),
        ("l0v3l4c3!", "too_personal"),
        ("ada@lovelace.test", "too_personal"),
        ("Tea & Co 2026", "too_personal"),
    ] {
        let body = json!({ "name": "Ada", "email": "ada@lovelace.test", "password": password }).to_string();
        let answer = app.client().post_json("/api/auth/signup", body).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.json()["fields"], json!({ "password": reason }), "{password}");
    }
    app.client().log_in("ada@lovelace.test", "Password1").await.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn r6_customers_cannot_make_themselves_admin() {
    let app = App::new().await;
    let body = json!({
        "name": "Ada", "email": "ada@x.test", "password": PASSWORD, "role": "admin", "verified": true, "_id": "0",
    });
    let answer = app.client().post_json("/api/auth/signup", body.to_string()).await.expect(StatusCode::CREATED);
    assert_eq!(answer.json()["role"], "customer");
}

#[tokio::test]
async fn an_unknown_api_path_is_not_found() {
    let app = App::new().await;
    assert_eq!(app.client().get("/api/auth/nothing").await.expect(StatusCode::NOT_FOUND).code(), "not_found");
    assert_eq!(app.client().post_json("/api/nothing", "{}").await.expect(StatusCode::NOT_FOUND).code(), "not_found");
}

#[tokio::test]
async fn every_refusal_of_an_endpoint_is_in_its_document() {
    let (app, document) = (App::new().await, document());
    for endpoint in ENDPOINTS {
        let (method, path) = (&endpoint.method, endpoint.path);
        let send = async |method: &Method, target: &str, headers: &[(&str, &str)], body: Body| {
            let request = headers
                .iter()
                .fold(request(method.clone(), target), |request, (name, value)| request.header(*name, *value));
            app.client().send(request.body(body).unwrap()).await
        };
        let json = ("content-type", "application/json");
        let mut answers = vec![
            send(method, path, &[("host", "localhost"), ("host", "localhost")], Body::empty()).await,
            send(method, "localhost:5000", &[json], Body::empty()).await,
            send(method, path, &[("host", "evil.test")], Body::empty()).await,
            send(&Method::DELETE, path, &[], Body::empty()).await,
        ];
        if *method == Method::POST {
            answers.extend([
                send(method, path, &[json, ("sec-fetch-site", "cross-site")], Body::empty()).await,
                send(method, path, &[json], vec![b' '; 70_000].into()).await,
                send(method, path, &[("content-type", "text/plain")], "x".into()).await,
                send(method, path, &[json], "[".into()).await,
            ]);
        }
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        let expected = [400, 400, 421, 405, 403, 413, 415, 422];
        assert_eq!(statuses, expected[..statuses.len()], "{method} {path}");
        let responses = &document["paths"][path][method.as_str().to_ascii_lowercase()]["responses"];
        for answer in answers {
            let content = &responses[answer.status.as_str()]["content"]["application/json"];
            assert_eq!(
                content["examples"][answer.code()]["value"]["code"],
                answer.code(),
                "{method} {path}: {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_unexpected_query_is_ignored() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let answer = client.get("/api/auth/profile?a[b]=1&[[[=%ff&x=1").await;
    answer.expect(StatusCode::OK);
}

#[tokio::test]
async fn x1_trace_is_refused() {
    let app = App::new().await;
    for path in ["/", "/login", "/api/auth/login"] {
        let request = request(Method::TRACE, path).body(Body::empty()).unwrap();
        app.client().send(request).await.expect(StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn an_error_repeats_nothing_that_the_client_sent() {
    let app = App::new().await;
    let body = json!({ "name": "canary-1", "email": "canary-2", "password": "canary-3", "canary-4": 5 }).to_string();
    let answer = app.client().post_json("/api/auth/signup?canary-5", body).await;
    assert!(!answer.body.contains("canary"), "{answer:?}");
    let answer = app.client().get("/api/canary-6?canary-7").await;
    assert!(!answer.body.contains("canary"), "{answer:?}");
}

#[tokio::test]
async fn every_answer_has_a_request_id_of_our_own() {
    let app = App::new().await;
    let mut client = app.client();
    client.headers.insert("x-request-id", "of-the-client".parse().unwrap());
    let mut seen = Vec::new();
    for path in ["/", "/login", "/account", "/nothing", "/healthz", "/readyz", "/api/auth/profile", "/api/nothing"] {
        let answer = client.get(path).await;
        let id = answer.header("x-request-id").to_owned();
        assert_eq!(id.len(), 32, "{path}");
        assert!(!seen.contains(&id));
        seen.push(id);
    }
}

#[tokio::test]
async fn health_and_readiness_are_reported() {
    let app = App::new().await;
    app.client().get("/healthz").await.expect(StatusCode::OK);
    app.client().get("/readyz").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn s4_a_full_queue_of_the_hasher_is_503_with_a_time_to_retry() {
    let app = App::with(Options::default()).await;
    app.signed_up("ada@x.test").await;
    let router =
        build_with_hasher(&Options::default(), app.stores.clone(), app.clock.clone(), std::sync::Arc::new(BusyHasher))
            .await;
    let mut client = client_of(router);
    let answer = client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.code(), "unavailable");
    assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
    client.get("/healthz").await.expect(StatusCode::OK);
}

/// A hasher whose queue is full.
struct BusyHasher;

mod hashers {
    use async_trait::async_trait;
    use doorstep::{
        accounts::ports::{HasherError, PasswordHash, PasswordHasher, Verdict},
        domain::{Password, PasswordAttempt},
    };

    #[async_trait]
    impl PasswordHasher for super::BusyHasher {
        async fn hash(&self, _: Password) -> Result<PasswordHash, HasherError> {
            Err(HasherError::Busy)
        }

        async fn rehash(&self, _: PasswordAttempt) -> Result<PasswordHash, HasherError> {
            Err(HasherError::Busy)
        }

        async fn verify(&self, _: PasswordAttempt, _: Option<PasswordHash>) -> Result<Verdict, HasherError> {
            Err(HasherError::Busy)
        }
    }
}
