//! How a caller is recognised: by the browser that logged in before, and the one that signed up.

use doorstep::{
    accounts::{
        Caller, MailKind, PendingSignup, SignedUp,
        ports::{Browsers, Clock, Outbox},
    },
    domain::{LogIn, SignUp},
};
use time::Duration;

use crate::use_cases::{PASSWORD, World, caller};

/// Returns a shop whose mail stays in the outbox.
async fn with_mail() -> World {
    let mut world = World::new().await;
    world.accounts.outbox = Some(world.store.clone());
    world
}

#[tokio::test]
async fn n18_a_login_is_reported_by_mail_unless_its_browser_signed_in_before() {
    let world = with_mail().await;
    let (_, tokens) = world.sign_up("ada@x.test").await.unwrap();
    let known = tokens.browser.unwrap().id;
    let mut told = Vec::new();
    for browser in [Some(known), None] {
        let form = LogIn::parse("ada@x.test", PASSWORD).unwrap();
        world.accounts.log_in(form, Caller { browser, ..caller() }, None).await.unwrap();
        let mails = world.store.latest(100).await.unwrap();
        told.push(mails.iter().filter(|mail| matches!(mail.letter, MailKind::NewDevice(_))).count());
    }
    assert_eq!(told, [0, 1]);
}

#[tokio::test]
async fn l3_a_browser_is_known_for_a_year() {
    let world = World::new().await;
    let (customer, tokens) = world.sign_up("ada@x.test").await.unwrap();
    let browser = tokens.browser.unwrap();
    let after = async |time| {
        let then = world.clock.now() + time;
        Browsers::knows(&*world.store, customer.id, customer.epoch, browser.id.hash(), then).await.unwrap()
    };
    assert_eq!(browser.max_age, Duration::days(365));
    assert!(after(Duration::days(365) - Duration::SECOND).await);
    assert!(!after(Duration::days(365)).await);
}

/// Signs up in a browser with this cookie, if any, and returns the cookie that the sign-up sets.
async fn sign_up(world: &World, email: &str, pending_signup: Option<PendingSignup>) -> PendingSignup {
    let form = SignUp::parse("Ada", email, PASSWORD).unwrap();
    let signed_up = world.accounts.sign_up(form, Caller { pending_signup, ..caller() }, None).await.unwrap();
    let SignedUp::Pending(cookie) = signed_up else { panic!("the address has to be verified first") };
    world.accounts.pending_signup_cookies.parse(&cookie.value, world.clock.now()).unwrap()
}

#[tokio::test]
async fn n5_a_browser_keeps_its_ticket_for_an_address_and_has_another_one_for_each_other() {
    let mut world = with_mail().await;
    world.accounts.requires_verified_email = true;
    let first = sign_up(&world, "ada@x.test", None).await;
    world.clock.advance(Duration::HOUR);
    assert_eq!(sign_up(&world, "ada@x.test", Some(first.clone())).await, first);
    let other = sign_up(&world, "bob@x.test", Some(first.clone())).await;
    assert_eq!(other.email.as_str(), "bob@x.test");
    assert_ne!(other.ticket(), first.ticket());
}
