//! The state of forms without scripts: it is small, contains no password, and can be lost without harm.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use axum::http::StatusCode;
use doorstep::{api::ErrorCode, web::FormStateStore};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::harness::{App, Client, Options, PASSWORD};

const LOG_IN: &str = "/api/auth/login";
const SIGN_UP: &str = "/api/auth/signup";

/// A store of form states that a test can inspect, and that can fail.
#[derive(Debug, Default)]
struct Ledger {
    records: Mutex<HashMap<i128, Record>>,
    created: AtomicUsize,
    is_failing: AtomicBool,
}

impl Ledger {
    fn check(&self) -> Result<()> {
        if self.is_failing.load(Ordering::SeqCst) { Err(Error::Backend("gone".to_owned())) } else { Ok(()) }
    }

    /// Returns all stored states as text.
    fn kept(&self) -> Vec<String> {
        self.records.lock().unwrap().values().map(|record| serde_json::to_string(&record.data).unwrap()).collect()
    }
}

#[async_trait]
impl SessionStore for Ledger {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.check()?;
        self.created.fetch_add(1, Ordering::SeqCst);
        self.records.lock().unwrap().insert(record.id.0, record.clone());
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.check()?;
        self.records.lock().unwrap().insert(record.id.0, record.clone());
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.check()?;
        Ok(self.records.lock().unwrap().get(&id.0).cloned())
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.check()?;
        self.records.lock().unwrap().remove(&id.0);
        Ok(())
    }
}

/// Returns an application with a ledger for form states.
async fn with_ledger() -> (App, Arc<Ledger>) {
    let app = App::new().await;
    let ledger = Arc::new(Ledger::default());
    let mut stores = app.stores.clone();
    stores.form_states = FormStateStore(ledger.clone());
    let over = App::over(&Options::default(), stores, app.clock.clone()).await;
    // Both applications use the folder of the first.
    std::mem::forget(app);
    (over, ledger)
}

async fn fail(client: &mut Client, fields: &[(&str, &str)]) {
    let answer = client.post_form(LOG_IN, fields).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/login");
}

#[tokio::test]
async fn n11_d3_300_failed_forms_from_one_address_store_little() {
    let (app, ledger) = with_ledger().await;
    let email = format!("ada@{}.test", "x".repeat(30_000));
    let name = "\u{1}".repeat(4_000);
    for number in 0..300 {
        let fields = [("name", name.as_str()), ("email", &email), ("password", "short")];
        let status = if number < 60 { StatusCode::SEE_OTHER } else { StatusCode::UNPROCESSABLE_ENTITY };
        app.client().post_form(SIGN_UP, &fields).await.expect(status);
    }
    let kept = ledger.kept();
    assert_eq!(kept.len(), 60);
    assert!(kept.iter().all(|state| state.len() <= 2100), "{kept:?}");
    // Another address has its own state.
    let mut other = app.client();
    other.address = [192, 0, 2, 1].into();
    fail(&mut other, &[("email", "ada@x.test"), ("password", "wrong")]).await;
    assert!(other.get_page("/login").await.body.contains("value=\"ada@x.test\""));
}

#[tokio::test]
async fn n11_d3_each_field_is_kept_as_far_as_its_longest_value() {
    let (app, ledger) = with_ledger().await;
    let long = format!("a@{}.test", "ü".repeat(5000));
    let longest = format!("{}@{}.test", "a".repeat(64), "x.".repeat(91) + "x");
    for email in [&long, &longest] {
        let fields = [("name", &*"é".repeat(5000)), ("email", email), ("password", "short")];
        app.client().post_form(SIGN_UP, &fields).await.expect(StatusCode::SEE_OTHER);
    }
    let mut kept: Vec<String> = Vec::new();
    for state in ledger.kept() {
        let state: serde_json::Value = serde_json::from_str(&state).unwrap();
        assert_eq!(state["form"]["name"], "é".repeat(100));
        kept.push(state["form"]["email"].as_str().unwrap().to_owned());
    }
    kept.sort();
    assert_eq!(longest.len(), 253);
    assert_eq!(kept, ["", &longest]);
}

#[tokio::test]
async fn n11_d3_a_state_is_short_whatever_was_typed() {
    let (app, ledger) = with_ledger().await;
    // Each of these characters is six in JSON.
    let control = "\u{1}".repeat(5000);
    let fields = [("name", &*control), ("email", &*format!("@{control}")), ("password", "short")];
    app.client().post_form(SIGN_UP, &fields).await.expect(StatusCode::SEE_OTHER);
    let kept = ledger.kept();
    assert!(kept.len() == 1 && kept[0].len() < 1000, "{kept:?}");
    let state: serde_json::Value = serde_json::from_str(&kept[0]).unwrap();
    assert_eq!((&state["form"]["email"], &state["form"]["error"]["code"]), (&"".into(), &"invalid".into()), "{state}");
}

#[tokio::test]
async fn n11_d3_input_that_could_be_a_password_is_not_stored() {
    let (app, ledger) = with_ledger().await;
    for fields in [
        [("name", ""), ("email", "seven tall herons"), ("password", "")],
        [("name", "seven tall herons"), ("email", ""), ("password", "seven tall herons")],
        [("name", ""), ("email", "seven@tall herons"), ("password", "seven@tall herons")],
    ] {
        for action in [LOG_IN, SIGN_UP] {
            app.client().post_form(action, &fields).await.expect(StatusCode::SEE_OTHER);
        }
    }
    // Typed one field too early.
    for password in
        ["P@ssw0rd!", "hunter2@", "@home1234", "correct horse@battery staple", "a@b", "a@b@c.test", "7@h!.herons"]
    {
        let fields = [("name", ""), ("email", password), ("password", "")];
        app.client().post_form(LOG_IN, &fields).await.expect(StatusCode::SEE_OTHER);
    }
    let kept = ledger.kept();
    assert!(kept.len() == 13, "{kept:?}");
    assert!(!kept.iter().any(|state| state.contains("herons") || state.contains('@')), "{kept:?}");
}

#[tokio::test]
async fn n11_d3_a_mistyped_address_is_kept() {
    let (app, ledger) = with_ledger().await;
    for email in ["ada@home", "ada@x-.test", "ada@.test"] {
        let fields = [("name", ""), ("email", email), ("password", "")];
        app.client().post_form(LOG_IN, &fields).await.expect(StatusCode::SEE_OTHER);
        assert!(ledger.kept().iter().any(|state| state.contains(email)), "{email}");
    }
}

#[tokio::test]
async fn n11_d3_one_browser_has_one_state_however_often_it_fails() {
    let (app, ledger) = with_ledger().await;
    let mut client = app.client();
    for attempt in 0..100 {
        fail(&mut client, &[("email", &format!("ada{attempt}@x.test")), ("password", "wrong")]).await;
    }
    assert_eq!(ledger.created.load(Ordering::SeqCst), 1);
    assert!(client.get_page("/login").await.body.contains("value=\"ada99@x.test\""));
    assert_eq!(ledger.kept(), Vec::<String>::new(), "it is gone once it was shown");
    // A client cannot choose an unused id.
    client.cookies.insert("form".to_owned(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    fail(&mut client, &[("email", "ada@x.test"), ("password", "wrong")]).await;
    assert_ne!(client.cookies["form"], "AAAAAAAAAAAAAAAAAAAAAA");
    assert!(client.get_page("/login").await.body.contains("value=\"ada@x.test\""));
}

#[tokio::test]
async fn n11_d3_a_client_with_too_many_states_still_gets_the_error() {
    let (app, ledger) = with_ledger().await;
    let wrong = [("email", "ada@x.test"), ("password", "wrong")];
    for _ in 0..60 {
        fail(&mut app.client(), &wrong).await;
    }
    let mut client = app.client();
    let refused = client.post_form("/api/auth/login", &wrong).await.expect(StatusCode::UNAUTHORIZED);
    assert!(refused.body.contains("Incorrect email or password."));
    assert_eq!(refused.logged, Some(ErrorCode::InvalidCredentials));
    assert!(!client.cookies.contains_key("form"));
    assert_eq!(ledger.kept().len(), 60);
}

#[tokio::test]
async fn n20_renewed_cookies_are_sent_even_if_no_form_state_can_be_stored() {
    for (action, fields, status) in [
        // Refused, with a state to store.
        ("/api/auth/change-password", [("current_password", "wrong"), ("password", "eight tall herons")], 503),
        // Refused, without a state.
        ("/api/auth/change-password", [("current_password", "x"), ("password", &*"x".repeat(200))], 503),
        // Successful.
        ("/api/auth/change-password", [("current_password", PASSWORD), ("password", "eight tall herons")], 303),
        ("/api/auth/sessions/revoke-others", [("a", ""), ("b", "")], 303),
    ] {
        let (app, ledger) = with_ledger().await;
        let mut client = app.signed_up("ada@x.test").await;
        // Without it, the session is renewed by the request.
        client.cookies.remove("accessToken");
        // With and without an existing state of the browser.
        for has_state in [false, true] {
            let mut client = client.clone();
            if has_state {
                client.cookies.insert("form".to_owned(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned());
            }
            ledger.is_failing.store(true, Ordering::SeqCst);
            let answer = client.post_form(action, &fields).await;
            assert_eq!(answer.status.as_u16(), status, "{action} {answer:?}");
            assert_eq!(answer.logged, (status == 503).then_some(ErrorCode::Unavailable), "{action} {answer:?}");
            for name in ["accessToken", "refreshToken"] {
                let cookie = answer.set_cookie(name).unwrap_or_default();
                assert!(cookie.contains("Max-Age") && !cookie.contains("Max-Age=0"), "{action} {answer:?}");
            }
            client.profile().await.expect(StatusCode::OK);
            if status == 303 {
                break;
            }
        }
    }
}
