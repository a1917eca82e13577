//! The timeline of an account, as its customer sees it.

use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use async_trait::async_trait;
use axum::http::StatusCode;
use doorstep::{
    accounts::{
        Activity,
        ports::{Clock, Credentials, StoreError, Timeline},
    },
    domain::{Customer, CustomerId, EmailAddress},
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::harness::{App, Client, Options, PASSWORD};
use crate::stores::harness::random;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";
/// How long background writes may take.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(20);
const NEW: &str = "nine short otters";

async fn activity(client: &mut Client) -> Vec<Value> {
    client.get("/api/auth/activity").await.expect(StatusCode::OK).json().as_array().unwrap().clone()
}

async fn events(client: &mut Client) -> Vec<String> {
    activity(client).await.iter().map(|entry| entry["event"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn g1_every_event_of_an_account_is_listed_once_the_latest_first() {
    let app = App::new().await;
    let mut phone = app.signed_up("ada@x.test").await;
    let mut laptop = app.client();
    laptop.headers.insert("user-agent", FIREFOX.parse().unwrap());
    for _ in 0..2 {
        app.clock.advance(Duration::SECOND);
        laptop.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    }
    app.clock.advance(Duration::SECOND);
    laptop.log_out().await.expect(StatusCode::OK);
    laptop.log_out().await.expect(StatusCode::OK);
    app.clock.advance(Duration::SECOND);
    phone.post_json("/api/auth/sessions/revoke-others", "").await.expect(StatusCode::OK);
    app.clock.advance(Duration::SECOND);
    let body = json!({ "current_password": PASSWORD, "password": NEW });
    phone.post_json("/api/auth/change-password", body.to_string()).await.expect(StatusCode::OK);
    app.clock.advance(Duration::SECOND);
    let body = json!({ "current_password": NEW });
    phone.post_json("/api/auth/confirm", body.to_string()).await.expect(StatusCode::OK);

    let expected = [
        "confirmed",
        "password_changed",
        "other_devices_signed_out",
        "logged_out",
        "logged_in",
        "logged_in_on_new_device",
        "signed_up",
    ];
    assert_eq!(events(&mut phone).await, expected);
    let told = activity(&mut phone).await;
    let (logout, login) = (&told[3], &told[5]);
    assert_eq!(logout["browser"], "Firefox", "what ended it is told too");
    assert_eq!((&login["browser"], &login["device"]), (&json!("Firefox"), &json!("Linux")));
    assert_eq!((&login["address"], &login["count"]), (&json!("127.0.0.1"), &json!(1)));
}

#[tokio::test]
async fn failed_attempts_are_summed_and_shown_to_the_owner() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    // Advances to the beginning of an hour.
    app.clock.advance(Duration::seconds(3600));
    let seconds = doorstep::accounts::ports::Clock::now(&*app.clock).unix_timestamp().rem_euclid(3600);
    app.clock.advance(Duration::seconds(3600 - seconds));
    for _ in 0..3 {
        app.client().log_in("ada@x.test", "wrong password").await.expect(StatusCode::UNAUTHORIZED);
    }
    // They are written in the background.
    let started = Instant::now();
    while activity(&mut client).await[0]["count"] != 3 {
        assert!(started.elapsed() < TIMEOUT);
        tokio::task::yield_now().await;
    }
    assert_eq!(events(&mut client).await, ["attempt_failed", "signed_up"]);
    let page = client.get_page("/account/activity").await.expect(StatusCode::OK);
    assert!(page.body.contains("3 failed login attempts"), "{}", page.body);
}

#[tokio::test]
async fn n6_changes_of_the_password_in_one_hour_are_one_entry_with_a_count() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let now = doorstep::accounts::ports::Clock::now(&*app.clock);
    app.clock.advance(Duration::seconds(3600 - now.unix_timestamp().rem_euclid(3600)));
    for (current, new) in [(PASSWORD, NEW), (NEW, PASSWORD), (PASSWORD, NEW)] {
        app.clock.advance(Duration::SECOND);
        let body = json!({ "current_password": current, "password": new });
        client.post_json("/api/auth/change-password", body.to_string()).await.expect(StatusCode::OK);
    }
    let told = activity(&mut client).await;
    assert_eq!((&told[0]["event"], &told[0]["count"]), (&json!("password_changed"), &json!(3)));
    assert_eq!(told.len(), 2, "{told:?}");
    let page = client.get_page("/account/activity").await.expect(StatusCode::OK);
    assert!(page.body.contains("all other devices signed out (3 times)"), "{}", page.body);
}

#[tokio::test]
async fn t5_the_reuse_of_a_token_is_on_the_timeline() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let mut thief = client.clone();
    client.refresh().await.expect(StatusCode::OK);
    app.clock.advance(Duration::seconds(11));
    thief.address = [198, 51, 100, 7].into();
    thief.refresh().await.expect(StatusCode::UNAUTHORIZED);
    client.log_in("ada@x.test", PASSWORD).await.expect(StatusCode::OK);
    let told = activity(&mut client).await;
    let reuse = told.iter().find(|entry| entry["event"] == "token_reused").unwrap();
    assert_eq!(reuse["address"], "198.51.100.7", "and from where");
}

#[tokio::test]
async fn g2_a_timeline_holds_no_secret_and_is_visible_only_to_its_customer() {
    let app = App::new().await;
    let mut ada = app.signed_up("ada@x.test").await;
    let mut eve = app.signed_up("eve@x.test").await;
    app.client().log_in("ada@x.test", "canary password").await.expect(StatusCode::UNAUTHORIZED);
    let started = Instant::now();
    while events(&mut ada).await.len() < 2 {
        assert!(started.elapsed() < TIMEOUT);
        tokio::task::yield_now().await;
    }
    let told = ada.get("/api/auth/activity").await.body;
    for secret in ["canary", PASSWORD, ada.cookies["accessToken"].as_str(), ada.cookies["refreshToken"].as_str()] {
        assert!(!told.contains(secret));
    }
    assert_eq!(events(&mut eve).await, ["signed_up"]);
    app.client().get("/api/auth/activity").await.expect(StatusCode::UNAUTHORIZED);
    let answer = app.client().get_page("/account/activity").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/login?next=/account/activity");
}

#[tokio::test]
async fn a_login_is_new_by_any_browser_but_those_that_signed_in_before() {
    let app = App::new().await;
    let mut phone = app.signed_up("ada@x.test").await;
    let latest = async |client: &mut Client| events(client).await.remove(0);
    let log_in = async |client: &mut Client, password: &str| {
        app.clock.advance(Duration::SECOND);
        client.log_in("ada@x.test", password).await.expect(StatusCode::OK);
    };
    phone.log_out().await.expect(StatusCode::OK);
    log_in(&mut phone, PASSWORD).await;
    assert_eq!(latest(&mut phone).await, "logged_in");
    // The same kind of browser at the same address, but a different one.
    let mut thief = app.client();
    log_in(&mut thief, PASSWORD).await;
    assert_eq!(latest(&mut phone).await, "logged_in_on_new_device");
    log_in(&mut thief, PASSWORD).await;
    assert_eq!(latest(&mut phone).await, "logged_in");
    // Another customer's browser is new to her too.
    let mut eves = app.signed_up("eve@x.test").await;
    log_in(&mut eves, PASSWORD).await;
    assert_eq!(latest(&mut phone).await, "logged_in_on_new_device");

    app.clock.advance(Duration::SECOND);
    let body = json!({ "current_password": PASSWORD, "password": NEW });
    phone.post_json("/api/auth/change-password", body.to_string()).await.expect(StatusCode::OK);
    log_in(&mut thief, NEW).await;
    assert_eq!(latest(&mut phone).await, "logged_in_on_new_device", "a new password makes other browsers strange");
    log_in(&mut phone, NEW).await;
    assert_eq!(latest(&mut phone).await, "logged_in");
}

/// A timeline that records the requested lengths.
struct Asked(Arc<dyn Timeline>, Mutex<Vec<usize>>);

#[async_trait]
impl Timeline for Asked {
    async fn record(&self, activity: &Activity) -> Result<(), StoreError> {
        self.0.record(activity).await
    }

    async fn activities(
        &self,
        customer: CustomerId,
        now: OffsetDateTime,
        most: usize,
    ) -> Result<Vec<Activity>, StoreError> {
        self.1.lock().unwrap().push(most);
        self.0.activities(customer, now, most).await
    }
}

#[tokio::test]
async fn n29_the_account_page_reads_no_more_activities_than_it_shows() {
    let app = App::new().await;
    let mut stores = app.stores.clone();
    let asked = Arc::new(Asked(stores.timeline.clone(), Mutex::default()));
    stores.timeline = asked.clone();
    let over = App::over(&Options::default(), stores, app.clock.clone()).await;
    let mut client = over.signed_up("ada@x.test").await;
    client.get_page("/account").await.expect(StatusCode::OK);
    assert_eq!(*asked.1.lock().unwrap(), [3]);
}

#[tokio::test]
async fn n29_the_account_page_says_when_the_password_was_changed_only_if_that_is_known() {
    let app = App::new().await;
    let mut client = app.signed_up("ada@x.test").await;
    let password_card = async |client: &mut Client| {
        let page = client.get_page("/account").await.expect(StatusCode::OK).body;
        let (_, card) = page.split_once("id=\"password\"").unwrap();
        card.split_once("</section>").unwrap().0.to_owned()
    };
    assert!(password_card(&mut client).await.contains("Never changed."));
    app.clock.advance(Duration::DAY);
    let body = json!({ "current_password": PASSWORD, "password": NEW });
    client.post_json("/api/auth/change-password", body.to_string()).await.expect(StatusCode::OK);
    // After the activity of the change has expired, and after a login that would rehash an older hash.
    app.clock.advance(Duration::days(200));
    client.log_in("ada@x.test", NEW).await.expect(StatusCode::OK);
    assert!(password_card(&mut client).await.contains("Last changed on"));

    // An account from the shop's own collection may have changed it at any time.
    let customers = &app.stores.customers;
    let ada = customers.find_by_email(&EmailAddress::parse("ada@x.test").unwrap()).await.unwrap().unwrap();
    let imported = Customer {
        id: CustomerId::new(app.clock.now(), random()),
        email: EmailAddress::parse("bob@x.test").unwrap(),
        password_changed_at: None,
        ..ada.clone()
    };
    let hash = customers.find_credentials(&ada.email).await.unwrap().unwrap().password;
    customers.create(&Credentials { customer: imported, password: hash }, None, None).await.unwrap();
    let mut bob = app.client();
    bob.log_in("bob@x.test", NEW).await.expect(StatusCode::OK);
    let card = password_card(&mut bob).await;
    assert!(!card.contains("Never changed") && !card.contains("Last changed"), "{card}");
}
