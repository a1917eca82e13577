//! Sessions: staying signed in and being signed out.

use std::sync::Arc;

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use time::Duration;

use doorstep::composition::Mailing;

use super::harness::{App, ORIGIN, Options, PASSWORD, request};
use crate::mail::sender;

fn part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn t2_auth_cookies_are_only_for_this_host_and_no_script_reads_them() {
    let app = App::new().await;
    let answer = app.client().sign_up("ada@x.test").await;
    for (name, age) in [("accessToken", 15 * 60), ("refreshToken", 7 * 24 * 3600)] {
        let cookie = answer.set_cookie(name).unwrap();
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", &format!("Max-Age={age}")] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain") && !cookie.contains("Secure"), "{cookie}");
    }
    for (name, value) in [("accessToken", &answer), ("refreshToken", &answer)] {
        let token = value.set_cookie(name).unwrap();
        let token = token.split(['=', ';']).nth(1).unwrap();
        assert!(!answer.body.contains(token), "tokens are in no body");
    }
}

/// Returns each cookie that Doorstep sets, with its attributes.
async fn every_cookie(origin: &'static str) -> Vec<String> {
    let app = App::with(Options { origin, ..Options::default() }).await;
    let mut set = app.client().sign_up("ada@x.test").await.set_cookies();
    let failed = [("email", "ada@x.test"), ("password", "wrong")];
    set.extend(app.client().post_form("/api/auth/login", &failed).await.set_cookies());
    set.extend(app.client().post_json("/api/language", r#"{"language":"id"}"#).await.set_cookies());
    let mailing = Mailing::Kept(Arc::new(sender()));
    let app = App::with(Options { origin, mailing, requires_verified_email: true, ..Options::default() }).await;
    set.extend(app.client().sign_up("ada@x.test").await.set_cookies());
    set
}

fn names(cookies: &[String]) -> Vec<&str> {
    cookies.iter().map(|cookie| cookie.split('=').next().unwrap()).collect()
}

#[tokio::test]
async fn t2_no_script_reads_a_cookie_and_no_other_host_gets_one() {
    let cookies = every_cookie(ORIGIN).await;
    assert_eq!(names(&cookies), ["accessToken", "refreshToken", "browser", "form", "language", "newcomer"]);
    for cookie in cookies {
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain") && !cookie.contains("Secure"), "{cookie}");
    }
}

#[tokio::test]
async fn t2_on_https_the_cookies_are_secure_and_bound_to_the_host() {
    let cookies = every_cookie("https://shop.test").await;
    let bound = ["accessToken", "refreshToken", "browser", "form"].map(|name| format!("__Host-{name}"));
    assert_eq!(names(&cookies), [&bound[..], &["language".to_owned(), "__Host-newcomer".to_owned()]].concat());
    for cookie in cookies {
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    let app = App::with(Options { origin: "https://shop.test", ..Options::default() }).await;
    let mut client = app.client();
    client.sign_up("ada@x.test").await;
    client.profile().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn the_access_token_has_the_documented_claims() {
    let app = App::new().await;
    let client = app.signed_up("ada@x.test").await;
    let token = &client.cookies["accessToken"];
    let header = part(token, 0);
    assert_eq!(header["alg"], "EdDSA");
    assert!(header["kid"].is_string());
    let claims = part(token, 1);
    for claim in ["sub", "sid", "role", "iat", "exp", "iss", "aud"] {
        assert!(!claims[claim].is_null(), "{claim}");
    }
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 15 * 60);
}

#[tokio::test]
async fn an_expired_access_token_is_renewed_during_the_request_and_the_answer_is_signed_in() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let before = client.cookies.clone();
    app.clock.advance(Duration::hours(1));
    let answer = client.profile().await.expect(StatusCode::OK);
    assert_eq!(answer.set_cookies().len(), 2);
    assert_ne!(client.cookies["accessToken"], before["accessToken"]);
    assert_ne!(client.cookies["refreshToken"], before["refreshToken"]);
    // Now there is nothing to renew.
    assert!(client.profile().await.expect(StatusCode::OK).set_cookies().is_empty());

    client.cookies.remove("accessToken");
    let page = client.get_page("/account").await.expect(StatusCode::OK);
    assert_eq!(page.set_cookies().len(), 2);
    assert!(page.body.contains("ada@x.test"));
}

#[tokio::test]
async fn t6_fifty_refreshes_at_once_get_one_successor_and_end_no_session() {
    let app = App::new().await;
    let client = app.signed_up("ada@x.test").await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let mut client = client.clone();
        tasks.spawn(async move {
            client.refresh().await.expect(StatusCode::OK);
            client.cookies["refreshToken"].clone()
        });
    }
    let mut successors = tasks.join_all().await;
    successors.sort_unstable();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    let mut client = client;
    client.cookies.insert("refreshToken".into(), successors.remove(0));
    client.refresh().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn t6_a_page_load_of_many_requests_stays_signed_in_and_clears_nothing() {
    let app = App::new().await;
    let client = app.signed_up("ada@x.test").await;
    app.clock.advance(Duration::hours(1));
    let mut tasks = tokio::task::JoinSet::new();
    for index in 0..20 {
        let mut client = client.clone();
        tasks.spawn(async move {
            let answer = if index % 2 == 0 { client.get_page("/account").await } else { client.profile().await };
            assert!(answer.set_cookies().iter().all(|cookie| !cookie.contains("Max-Age=0")));
            answer.expect(StatusCode::OK);
        });
    }
    tasks.join_all().await;
}

#[tokio::test]
async fn t6_a_repeat_within_the_grace_gets_the_same_successor() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let mut repeat = client.clone();
    client.refresh().await.expect(StatusCode::OK);
    app.clock.advance(Duration::seconds(10));
    repeat.refresh().await.expect(StatusCode::OK);
    assert_eq!(repeat.cookies["refreshToken"], client.cookies["refreshToken"]);
    client.profile().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn t5_a_token_used_again_after_the_grace_ends_the_whole_session() {
    let app = App::new().await;
    let mut owner = app.signed_up("ada@x.test").await;
    let mut thief = owner.clone();
    thief.cookies.remove("browser");
    owner.refresh().await.expect(StatusCode::OK);
    app.clock.advance(Duration::milliseconds(10_001));
    let answer = thief.refresh().await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(answer.set_cookies().len(), 2, "the browser that held it forgets it");
    owner.profile().await.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn n7_a_refresh_whose_answer_was_lost_ends_no_session_and_reports_no_reuse() {
    let app = App::new().await;
    let mut lost = app.signed_up("ada@x.test").await;
    // The tab was closed before the response arrived.
    lost.clone().refresh().await.expect(StatusCode::OK);
    app.clock.advance(Duration::days(2));
    lost.refresh().await.expect(StatusCode::OK);
    lost.profile().await.expect(StatusCode::OK);
    lost.refresh().await.expect(StatusCode::OK);
    assert!(!lost.get("/api/auth/activity").await.body.contains("token_reused"));

    for moved in [false, true] {
        let mut owner = app.client();
        owner.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
        let mut thief = owner.clone();
        owner.refresh().await.expect(StatusCode::OK);
        app.clock.advance(Duration::MINUTE);
        if moved {
            thief.address = [192, 0, 2, 7].into();
        } else {
            thief.cookies.remove("browser");
        }
        thief.refresh().await.expect(StatusCode::UNAUTHORIZED);
        owner.profile().await.expect(StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn t5_reuse_ends_the_newest_tokens_too() {
    let app = App::new().await;
    let mut owner = app.signed_up("ada@x.test").await;
    let mut thief = owner.clone();
    owner.refresh().await.expect(StatusCode::OK);
    owner.refresh().await.expect(StatusCode::OK);
    thief.refresh().await.expect(StatusCode::UNAUTHORIZED);
    owner.refresh().await.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn t7_a_session_ends_when_it_is_idle_for_a_week() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    app.clock.advance(Duration::days(7) - Duration::seconds(1));
    client.refresh().await.expect(StatusCode::OK);
    app.clock.advance(Duration::days(7) - Duration::seconds(1));
    client.profile().await.expect(StatusCode::OK);
    app.clock.advance(Duration::days(7) + Duration::seconds(1));
    client.profile().await.expect(StatusCode::UNAUTHORIZED);
    assert!(client.has_no_session());
}

#[tokio::test]
async fn t7_a_session_ends_after_thirty_days_however_much_it_is_used() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    for _ in 0..5 {
        app.clock.advance(Duration::days(5));
        client.refresh().await.expect(StatusCode::OK);
    }
    app.clock.advance(Duration::days(5) - Duration::seconds(1));
    let answer = client.refresh().await.expect(StatusCode::OK);
    // The access token alone would be valid for fifteen minutes, but not longer than its session.
    for token in ["refreshToken", "accessToken"] {
        let attributes = answer.set_cookie(token).unwrap();
        assert!(attributes.split("; ").any(|attribute| attribute == "Max-Age=1"), "{answer:?}");
    }
    app.clock.advance(Duration::seconds(60));
    client.profile().await.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn t8_a_logout_is_at_once_for_both_tokens() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let mut copy = client.clone();
    client.log_out().await.expect(StatusCode::OK);
    assert!(client.has_no_session());
    copy.cookies.remove("refreshToken");
    copy.profile().await.expect(StatusCode::UNAUTHORIZED);
    assert!(copy.has_no_session(), "a browser with the access token alone is told to forget it");
    let answer = client.log_out().await.expect(StatusCode::OK);
    assert_eq!(answer.set_cookies().len(), 2, "the same without a session");
}

#[tokio::test]
async fn n24_t8_a_logout_clears_copies_of_pages_and_nothing_that_the_shop_keeps() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    assert_eq!(client.clone().log_out().await.expect(StatusCode::OK).header("clear-site-data"), "\"cache\"");
    let answer = client.post_form("/api/auth/logout", &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.header("clear-site-data"), "\"cache\"");
}

#[test]
fn n24_no_source_uses_the_storage_of_a_browser() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("public"), root.join("src")];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
            if file.is_dir() {
                folders.push(file);
            } else if file.extension().is_some_and(|ending| ending == "js" || ending == "rs") {
                let source = std::fs::read_to_string(&file).unwrap();
                read += 1;
                for storage in ["localStorage", "sessionStorage", "local_storage", "session_storage", "indexedDB"] {
                    assert!(!source.contains(storage), "{} uses {storage}", file.display());
                }
            }
        }
    }
    assert!(read > 100, "the sources were not read");
}

#[tokio::test]
async fn a_logout_ends_this_device_and_no_other() {
    let app = App::new().await;
    let mut phone = app.signed_up("ada@x.test").await;
    let mut laptop = app.client();
    laptop.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    phone.log_out().await.expect(StatusCode::OK);
    laptop.profile().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_logout_works_with_only_one_of_the_two_tokens() {
    let app = App::new().await;
    for kept in ["accessToken", "refreshToken"] {
        let mut client = app.client();
        let email = format!("{}@x.test", kept.to_lowercase());
        client.sign_up(&email).await.expect(StatusCode::CREATED);
        let mut copy = client.clone();
        client.cookies.retain(|name, _| name == kept);
        client.log_out().await.expect(StatusCode::OK);
        copy.profile().await.expect(StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn t1_each_login_starts_its_own_session_and_replaces_that_of_the_same_browser() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let mut before = client.clone();
    client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    assert_ne!(part(&client.cookies["accessToken"], 1)["sid"], part(&before.cookies["accessToken"], 1)["sid"]);
    before.profile().await.expect(StatusCode::UNAUTHORIZED);
    client.profile().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_failed_login_or_sign_up_leaves_the_session_that_is_there() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    client.sign_up("ada@x.test").await.expect(StatusCode::CONFLICT);
    client.profile().await.expect(StatusCode::OK);
    client.log_in("ada@x.test", "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    client.profile().await.expect(StatusCode::OK);
}

#[tokio::test]
async fn t3_forged_tokens_and_garbage_cookies_are_plainly_unauthenticated() {
    let app = App::new().await;
    let good = app.signed_up("ada@x.test").await;
    let token = good.cookies["accessToken"].clone();
    let (_, rest) = token.split_once('.').unwrap();
    let none = URL_SAFE_NO_PAD.encode(json!({ "alg": "none", "typ": "at+jwt" }).to_string());
    let (unsigned, _) = token.rsplit_once('.').unwrap();
    let refresh = good.cookies["refreshToken"].clone();
    for forged in [
        format!("{none}.{rest}"),
        format!("{unsigned}."),
        unsigned.to_owned(),
        refresh,
        "a.b.c".to_owned(),
        "..".to_owned(),
        "%00%ff".to_owned(),
        "x".repeat(8000),
    ] {
        let mut client = app.client();
        client.cookies.insert("accessToken".into(), forged.clone());
        client.profile().await.expect(StatusCode::UNAUTHORIZED);
        let mut client = app.client();
        client.cookies.insert("refreshToken".into(), if forged.len() == 86 { token.clone() } else { forged });
        client.profile().await.expect(StatusCode::UNAUTHORIZED);
        client.refresh().await.expect(StatusCode::UNAUTHORIZED);
        client.get_page("/account").await.expect(StatusCode::SEE_OTHER);
        client.get_page("/").await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn malformed_cookies_are_unauthenticated() {
    let app = App::new().await;
    let client = app.client();
    for bytes in [&b"accessToken=\xff\xfe"[..], b"=;;=;accessToken", b"accessToken=\"", b"refreshToken="] {
        let request = request(axum::http::Method::GET, "/api/auth/profile")
            .header("cookie", axum::http::HeaderValue::from_bytes(bytes).unwrap())
            .body(axum::body::Body::empty())
            .unwrap();
        client.clone().send(request).await.expect(StatusCode::UNAUTHORIZED);
    }
}
