//! Headers and paths as foreign browsers, sites and proxies send them.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
};
use doorstep::accounts::ports::Clock;

use super::harness::{Answer, App, Client, Options, request};

async fn send(client: &mut Client, method: Method, path: &str, name: HeaderName, value: &[u8]) -> Answer {
    let builder = request(method, path).header(header::ACCEPT, "text/html");
    let mut request = builder.body(Body::empty()).unwrap();
    request.headers_mut().insert(name, HeaderValue::from_bytes(value).unwrap());
    client.send(request).await
}

#[tokio::test]
async fn n13_a_body_of_many_fields_is_refused_as_json_and_as_a_form() {
    let app = App::new().await;
    let object = format!("{{{}}}", vec!["\"a\":\"\""; 8_000].join(","));
    let by_json = app.client().post_json("/api/auth/login", object).await;
    let request = request(Method::POST, "/api/auth/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(vec!["a=b"; 16_000].join("&")))
        .unwrap();
    let by_form = app.client().send(request).await;
    for answer in [by_json, by_form] {
        let error = answer.expect(StatusCode::UNPROCESSABLE_ENTITY).json();
        assert_eq!(error["code"], "invalid");
        // No field has an error: they were not read.
        assert!(error["fields"].as_object().is_none_or(serde_json::Map::is_empty), "{error}");
    }
}

#[tokio::test]
async fn n14_language_weights_that_are_not_numbers_cause_no_server_error() {
    let app = App::new().await;
    let languages = vec!["en;q=NaN"; 21].join(",");
    for path in ["/", "/login", "/signup", "/account", "/nothing", "/api/auth/profile", "/.well-known/security.txt"] {
        let answer = send(&mut app.client(), Method::GET, path, header::ACCEPT_LANGUAGE, languages.as_bytes()).await;
        assert!(answer.status.as_u16() < 500, "{path} {answer:?}");
    }
    let mut client = app.client();
    client.headers.insert(header::ACCEPT_LANGUAGE, languages.parse().unwrap());
    client.post_form("/api/auth/login", &[("email", &"x".repeat(70_000))]).await.expect(StatusCode::PAYLOAD_TOO_LARGE);
    client.post_form("/api/auth/login", &[("email", "x")]).await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn n21_a_foreign_cookie_of_any_bytes_does_not_sign_a_customer_out() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    client.post_json("/api/language", r#"{"language":"id"}"#).await.expect(StatusCode::OK);
    client.post_form("/api/auth/verify-email", &[("code", "x")]).await.expect(StatusCode::SEE_OTHER);
    let ours: Vec<String> = client.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert!(client.cookies.contains_key("form"));
    for foreign in
        ["city=München".as_bytes(), b"city=M\xfcnchen", b"a=%ff%zz", b"=", b";;\"", b"form=\xff", b"accessToken=\xe9"]
    {
        for cookies in [
            [foreign, b"; ", ours.join("; ").as_bytes()].concat(),
            [ours.join(";").as_bytes(), b"; ", foreign].concat(),
        ] {
            let mut client = client.clone();
            let profile = send(&mut client, Method::GET, "/api/auth/profile", header::COOKIE, &cookies).await;
            profile.expect(StatusCode::OK);
            let page =
                send(&mut client, Method::GET, "/account", header::COOKIE, &cookies).await.expect(StatusCode::OK);
            assert!(page.body.contains("<html lang=\"id\""), "{}", page.body);
            assert!(page.set_cookies().is_empty(), "{:?}", page.set_cookies());
        }
    }
    // The state of a form is found, too.
    let mut visitor = app.client();
    visitor.post_form("/api/auth/login", &[("email", "eve@x.test"), ("password", "x")]).await;
    let cookies = ["city=München; form=".as_bytes(), visitor.cookies["form"].as_bytes()].concat();
    let page = send(&mut app.client(), Method::GET, "/login", header::COOKIE, &cookies).await.expect(StatusCode::OK);
    assert!(page.body.contains("value=\"eve@x.test\""), "{}", page.body);
}

/// A log that a test can read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn n21_an_untrusted_proxy_is_logged_once_with_the_variable_to_set() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let app = App::with(Options { trusted_proxies: vec!["10.0.0.0/8"], ..Options::default() }).await;
    let mut client = app.client();
    client.address = [10, 0, 0, 1].into();
    client.headers.insert("x-forwarded-for", "198.51.100.7".parse().unwrap());
    client.get("/login").await.expect(StatusCode::OK);
    let warnings = || {
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        log.lines().filter(|line| line.contains("TRUSTED_PROXIES")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(warnings(), Vec::<String>::new(), "a proxy that is trusted");
    client.address = [172, 17, 0, 1].into();
    for path in ["/healthz", "/login", "/api/auth/profile"] {
        client.get(path).await;
    }
    let warnings = warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("WARN") && warnings[0].contains("172.17.0.1"), "{warnings:?}");
    assert!(!warnings[0].contains("198.51.100.7"), "what a client wrote is in no log");
}

#[tokio::test]
async fn n26_head_answers_as_get_without_a_body() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    for path in [
        "/",
        "/login",
        "/account",
        "/nothing",
        "/healthz",
        "/readyz",
        "/robots.txt",
        "/site.webmanifest",
        "/.well-known/jwks.json",
        "/.well-known/change-password",
        "/.well-known/security.txt",
        "/api/auth/profile",
        "/api/auth/sessions",
        "/api/auth/activity",
        "/api/auth/email",
        "/api/nothing",
        "/login/",
    ] {
        for mut client in [client.clone(), app.client()] {
            for accept in ["text/html", "*/*"] {
                client.headers.insert(header::ACCEPT, accept.parse().unwrap());
                let mut get = client.get(path).await;
                let mut head = client.send(request(Method::HEAD, path).body(Body::empty()).unwrap()).await;
                assert_eq!(head.body, "", "{path}");
                assert_eq!(head.status, get.status, "{path}");
                for answer in [&mut get, &mut head] {
                    for different in ["x-request-id", "content-security-policy", "set-cookie"] {
                        answer.headers.remove(different);
                    }
                }
                assert_eq!(head.headers, get.headers, "{path}");
            }
        }
    }
    let head = client.send(request(Method::HEAD, "/api/auth/login").body(Body::empty()).unwrap()).await;
    head.expect(StatusCode::METHOD_NOT_ALLOWED);
    client.profile().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn n26_a_trailing_slash_leads_to_the_path_without_it() {
    let app = App::new().await;
    for method in [Method::GET, Method::HEAD, Method::POST] {
        for (path, to) in [
            ("/login/", "/login"),
            ("/account/?next=/a/", "/account?next=/a/"),
            ("/api/auth/profile/", "/api/auth/profile"),
            ("/api/auth/login/?x=1", "/api/auth/login?x=1"),
            ("/healthz/", "/healthz"),
        ] {
            let answer = app.client().send(request(method.clone(), path).body(Body::empty()).unwrap()).await;
            assert_eq!(answer.expect(StatusCode::PERMANENT_REDIRECT).location(), to, "{method} {path}");
        }
        for path in ["//evil.test/", "///evil.test//", "/%2f/evil.test/", "/%5cevil.test/", "//"] {
            let answer = app.client().send(request(method.clone(), path).body(Body::empty()).unwrap()).await;
            assert_eq!(answer.expect(StatusCode::NOT_FOUND).location(), "", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn n26_times_have_three_digits_of_milliseconds_also_at_a_full_second() {
    let app = App::new().await;
    let past = i64::from(app.clock.now().millisecond());
    app.clock.advance(time::Duration::milliseconds(1000 - past));
    let mut client = app.signed_up("ada@x.test").await;
    let customer = client.profile().await.json();
    for time in ["createdAt", "updatedAt"] {
        assert_eq!(&customer[time].as_str().unwrap()[19..], ".000Z", "{customer}");
    }
    for path in ["/api/auth/sessions", "/api/auth/activity"] {
        let answer = client.get(path).await.expect(StatusCode::OK);
        let times: Vec<_> =
            answer.body.split('"').filter(|text| text.starts_with("20") && text.ends_with('Z')).collect();
        assert!(!times.is_empty() && times.iter().all(|time| time.len() == 24), "{times:?}");
    }
}
