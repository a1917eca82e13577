//! The host names that the shop accepts.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, Uri, Version, header},
};
use doorstep::composition::Mailing;

use super::harness::{Answer, App, Client, Options, request};
use crate::mail::sender;

/// Returns a shop behind a proxy, with a name that its own services use.
async fn shop() -> App {
    let allowed_hosts = vec!["doorstep.internal", "10.0.0.7:5000"];
    App::with(Options { origin: "https://shop.test", allowed_hosts, ..Options::default() }).await
}

/// Returns a client at this address.
fn client_at(app: &App, address: &str) -> Client {
    let mut client = app.client();
    client.address = address.parse().unwrap();
    client
}

async fn ask(client: &mut Client, path: &str, hosts: &[&str]) -> Answer {
    let mut request = request(Method::GET, path);
    for host in hosts {
        request = request.header(header::HOST, *host);
    }
    client.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn n8_x3_another_host_than_the_shops_is_misdirected() {
    let app = shop().await;
    let mut client = client_at(&app, "198.51.100.7");
    for host in [
        "evil.test",
        "shop.test.evil.test",
        "evil.test:443",
        "shop.test:80",
        "shop.test:5000",
        "198.51.100.1",
        "localhost",
        "127.0.0.1:5000",
        "[::1]",
        "10.0.0.7",
        "10.0.0.7:5001",
        "",
    ] {
        for path in
            ["/", "/login", "/api/auth/profile", "/robots.txt", "/.well-known/jwks.json", "/nowhere", "/dev/mail"]
        {
            let answer = ask(&mut client, path, &[host]).await.expect(StatusCode::MISDIRECTED_REQUEST);
            assert_eq!(answer.code(), "misdirected", "{host} {path}");
        }
    }
}

#[tokio::test]
async fn n8_x3_n26_the_shops_host_names_are_accepted_in_every_spelling() {
    let app = shop().await;
    let mut client = client_at(&app, "198.51.100.7");
    for host in [
        "shop.test",
        "SHOP.Test",
        "shop.test:443",
        "shop.test.",
        "Shop.Test.:443",
        "doorstep.internal",
        "DOORSTEP.internal:5000",
        "10.0.0.7:5000",
    ] {
        ask(&mut client, "/login", &[host]).await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn n8_x3_loopback_names_work_only_on_the_same_machine() {
    let app = shop().await;
    for host in ["localhost", "LOCALHOST:5000", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:5000"] {
        for (peer, status) in [
            ("127.0.0.1", StatusCode::OK),
            ("::1", StatusCode::OK),
            ("::ffff:127.0.0.1", StatusCode::OK),
            ("10.0.0.9", StatusCode::MISDIRECTED_REQUEST),
            ("::ffff:10.0.0.9", StatusCode::MISDIRECTED_REQUEST),
        ] {
            ask(&mut client_at(&app, peer), "/login", &[host]).await.expect(status);
        }
    }
    ask(&mut client_at(&app, "127.0.0.1"), "/login", &["evil.test"]).await.expect(StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn n8_x3_health_is_reported_under_any_host_name() {
    let app = shop().await;
    let mut client = client_at(&app, "10.0.0.9");
    for host in ["evil.test", "10.0.0.1:5000", "localhost", ""] {
        for path in ["/healthz", "/readyz"] {
            ask(&mut client, path, &[host]).await.expect(StatusCode::OK);
        }
    }
    ask(&mut client, "/healthz/", &["evil.test"]).await.expect(StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn n26_two_hosts_or_an_invalid_host_are_a_bad_request() {
    let app = shop().await;
    let mut client = client_at(&app, "198.51.100.7");
    for hosts in
        [&["shop.test", "evil.test"][..], &["shop.test", "shop.test"], &["shop.test/"], &["a@shop.test"], &["a b"]]
    {
        for path in ["/login", "/healthz"] {
            let answer = ask(&mut client, path, hosts).await.expect(StatusCode::BAD_REQUEST);
            assert_eq!(answer.code(), "misdirected", "{hosts:?}");
        }
    }
}

#[tokio::test]
async fn n8_x3_a_target_that_names_a_host_comes_before_the_header() {
    let app = shop().await;
    let mut client = client_at(&app, "198.51.100.7");
    for (target, host, status) in [
        ("http://evil.test/login", "shop.test", StatusCode::MISDIRECTED_REQUEST),
        ("https://evil.test/healthz", "evil.test", StatusCode::OK),
        ("https://shop.test/login", "evil.test", StatusCode::OK),
        ("https://SHOP.test:443/login", "shop.test", StatusCode::OK),
        ("https://ada@shop.test/login", "shop.test", StatusCode::BAD_REQUEST),
    ] {
        ask(&mut client, target, &[host]).await.expect(status);
    }
    let old =
        |path: &str| request(Method::GET, path).version(Version::HTTP_10).header(header::HOST, "").body(Body::empty());
    client.send(old("/login").unwrap()).await.expect(StatusCode::MISDIRECTED_REQUEST);
    client.send(old("/readyz").unwrap()).await.expect(StatusCode::OK);
}

/// Every form of a target (RFC 9112, 3.2), also where it does not belong.
#[tokio::test]
async fn n14_n26_a_target_without_a_path_is_refused_whatever_the_method() {
    let app = shop().await;
    let mut client = client_at(&app, "198.51.100.7");
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW", "CONNECT", "OPTIONS"];
    for target in ["shop.test", "shop.test:443", "127.0.0.1:80", "[::1]:80", "*", "ftp://shop.test/login", "a:/b"] {
        let Ok(target) = target.parse::<Uri>() else { continue };
        for name in methods {
            let method: Method = name.parse().unwrap();
            let request = Request::builder().method(&method).uri(target.clone()).header(header::HOST, "shop.test");
            let answer = client.send(request.body(Body::empty()).unwrap()).await;
            let expected = match method {
                Method::CONNECT => StatusCode::METHOD_NOT_ALLOWED,
                Method::OPTIONS if target.path() == "*" => StatusCode::NOT_FOUND,
                _ => StatusCode::BAD_REQUEST,
            };
            assert_eq!(answer.status, expected, "{name} {target}");
        }
    }
    for target in ["http://shop.test", "http://shop.test/?language=id", "/?"] {
        let request = Request::builder().uri(target).header(header::HOST, "shop.test").body(Body::empty()).unwrap();
        assert!(client.send(request).await.status.as_u16() < 400, "{target}");
    }
}

#[tokio::test]
async fn n8_x3_a_refusal_is_a_plain_page_or_json_and_carries_every_header() {
    let app = shop().await;
    let mut client = client_at(&app, "198.51.100.7");
    let page = request(Method::GET, "/login").header(header::HOST, "evil.test").header(header::ACCEPT, "text/html");
    let page = client.send(page.body(Body::empty()).unwrap()).await.expect(StatusCode::MISDIRECTED_REQUEST);
    assert!(page.header("content-type").starts_with("text/html") && page.body.contains("host name"), "{page:?}");
    assert!(!page.body.contains("evil") && !page.body.contains("class=\"button\""), "{page:?}");
    let json = ask(&mut client, "/api/auth/profile", &["evil.test"]).await;
    assert!(!json.body.contains("evil"), "{json:?}");
    for answer in [page, json] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.header("strict-transport-security").starts_with("max-age="), "{answer:?}");
        assert_eq!(answer.header("x-request-id").len(), 32);
        assert!(answer.set_cookies().is_empty());
    }
}

#[tokio::test]
async fn n8_x3_pages_for_developers_are_shown_only_on_this_machine() {
    let kept = Options { mailing: Mailing::Kept(Arc::new(sender())), ..Options::default() };
    let app = App::with(Options { allowed_hosts: vec!["tunnel.test"], ..kept }).await;
    for path in ["/dev/mail", "/dev/design"] {
        for (peer, host, header, status) in [
            ("127.0.0.1", "localhost:5000", None, StatusCode::OK),
            ("::1", "[::1]:5000", None, StatusCode::OK),
            ("10.0.0.9", "localhost:5000", None, StatusCode::NOT_FOUND),
            ("127.0.0.1", "tunnel.test", None, StatusCode::NOT_FOUND),
            ("127.0.0.1", "localhost:5000", Some(("x-forwarded-for", "203.0.113.9")), StatusCode::NOT_FOUND),
            ("127.0.0.1", "localhost:5000", Some(("forwarded", "for=203.0.113.9")), StatusCode::NOT_FOUND),
            ("127.0.0.1", "localhost:5000", Some(("x-forwarded-host", "shop.test")), StatusCode::NOT_FOUND),
            ("127.0.0.1", "localhost:5000", Some(("x-forwarded-proto", "")), StatusCode::NOT_FOUND),
            ("127.0.0.1", "localhost:5000", Some(("x-real-ip", "203.0.113.9")), StatusCode::NOT_FOUND),
            ("127.0.0.1", "localhost:5000", Some(("via", "1.1 proxy")), StatusCode::NOT_FOUND),
            ("127.0.0.1", "localhost:5000", Some(("x-forwarded", "for=203.0.113.9")), StatusCode::NOT_FOUND),
            ("127.0.0.1", "localhost:5000", Some(("x-forward-for", "203.0.113.9")), StatusCode::NOT_FOUND),
            ("127.0.0.1", "localhost:5000", Some(("cdn-loop", "cdn.test")), StatusCode::NOT_FOUND),
            ("127.0.0.1", "localhost:5000", Some(("x-envoy-external-address", "203.0.113.9")), StatusCode::NOT_FOUND),
            ("127.0.0.1", "localhost:5000", Some(("x-amzn-trace-id", "Root=1")), StatusCode::NOT_FOUND),
            ("127.0.0.1", "localhost:5000", Some(("wl-proxy-client-ip", "203.0.113.9")), StatusCode::NOT_FOUND),
            ("127.0.0.1", "localhost:5000", Some(("tailscale-user-login", "ada")), StatusCode::NOT_FOUND),
            // Requests of browsers and of developers' dashboards.
            ("127.0.0.1", "localhost:5000", Some(("x-requested-with", "fetch")), StatusCode::OK),
            ("127.0.0.1", "localhost:5000", Some(("sec-fetch-site", "none")), StatusCode::OK),
        ] {
            let mut request = request(Method::GET, path).header("host", host).header("accept", "text/html");
            if let Some((name, value)) = header {
                request = request.header(name, value);
            }
            let answer = client_at(&app, peer).send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, status, "{path} {peer} {host} {header:?}");
        }
        // The host of the target takes precedence over the header here, too.
        for (name, host, status) in [
            ("tunnel.test", "localhost:5000", StatusCode::NOT_FOUND),
            ("localhost:5000", "tunnel.test", StatusCode::OK),
        ] {
            let target = format!("http://{name}{path}");
            ask(&mut client_at(&app, "127.0.0.1"), &target, &[host]).await.expect(status);
        }
    }
}
