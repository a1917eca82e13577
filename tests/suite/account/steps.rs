//! Sessions are ended twice around a credential event: before its write, so that a failing store leaves everything
//! unchanged, and after it, for sessions that were created in between. Each step has to work alone.

use std::{pin::Pin, sync::Arc};

use doorstep::{
    accounts::{Authentication, ChangeProof, EmailProof, Error, LinkPurpose, SignedUp, Verified},
    domain::{ChangePassword, ResetPassword, SignUp},
};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::{
    in_flight::{OLD, Scene, forgotten},
    world::{Meanwhile, Person, Shop, address, newest, take_mail},
};
use crate::stores::{harness::World, store_contract};

store_contract![
    n2_a2_a_session_that_was_started_between_the_steps_is_over_at_once,
    n19_a_thief_is_signed_out_at_once_even_if_the_last_step_fails,
    n19_an_event_whose_first_step_failed_has_not_happened,
    n19_sessions_that_could_not_be_ended_are_ended_soon_afterwards,
    n2_a2_a_session_that_the_store_forgot_to_end_does_nothing_sensitive,
    a_sign_up_that_failed_leaves_no_session,
    r3_a_sign_up_that_replaces_an_unverified_account_ends_its_sessions,
    r3_a_sign_up_changes_nothing_of_an_account_that_was_created_without_verification,
    n3_a_copied_browser_cookie_is_unknown_after_a_credential_event,
];

/// A pending event. Returns true if it succeeded.
type Coming = Pin<Box<dyn Future<Output = bool> + Send>>;

#[derive(Clone, Copy, Debug)]
enum Event {
    NewPassword,
    SignOutOfOthers,
    Reset,
    SecureAccount,
    NewAddress,
    Reclaim,
    VerificationInBrowser,
}

const EVENTS: [Event; 7] = [
    Event::NewPassword,
    Event::SignOutOfOthers,
    Event::Reset,
    Event::SecureAccount,
    Event::NewAddress,
    Event::Reclaim,
    Event::VerificationInBrowser,
];

/// Returns a scene in which the thief is signed in, and the pending event.
async fn before(event: Event, world: &World) -> (Scene, Coming) {
    if let Event::VerificationInBrowser = event {
        return before_verification(world).await;
    }
    let mut scene = Scene::new(world).await;
    scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
    let (shop, identity) = (scene.shop.clone(), scene.owner().await);
    let caller = scene.owner.lock().await.caller.clone();
    let id = scene.customer.id;
    // Mail to customers of earlier scenes may arrive late.
    let link = async |purpose| {
        let mut own = take_mail(world).await;
        own.retain(|mail| mail.customer == id);
        Zeroizing::new(newest(&own, purpose).unwrap())
    };
    let coming: Coming = match event {
        Event::NewPassword => {
            let form = ChangePassword::parse(OLD, "four quiet otters").unwrap();
            Box::pin(async move { shop.accounts.change_password(identity, form, caller).await.is_ok() })
        }
        Event::SignOutOfOthers => {
            Box::pin(async move { shop.accounts.end_other_sessions(identity, &caller.client).await.is_ok() })
        }
        Event::Reset => {
            let mut mails = forgotten(world, &scene).await;
            mails.retain(|mail| mail.customer == id);
            let link = newest(&mails, LinkPurpose::ResetPassword).unwrap();
            let form = ResetPassword::parse(&link, "four quiet otters").unwrap();
            Box::pin(async move { shop.accounts.reset_password(form, None, &caller.client).await.is_ok() })
        }
        Event::SecureAccount => {
            let link = link(LinkPurpose::SecureAccount).await;
            Box::pin(async move { shop.accounts.secure_account(&link, &caller.client).await.is_ok() })
        }
        Event::NewAddress => {
            shop.accounts.propose_email(identity, address("new"), &caller.client).await.unwrap();
            let proof = ChangeProof::Link(link(LinkPurpose::ChangeEmail).await);
            Box::pin(async move { shop.accounts.change_email(identity, proof, &caller.client).await.is_ok() })
        }
        Event::Reclaim => {
            let proof = EmailProof::Link(link(LinkPurpose::VerifyEmail).await);
            let elsewhere = Person::at(3).caller;
            Box::pin(async move { shop.accounts.verify_email(proof, elsewhere, None, None).await.is_ok() })
        }
        Event::VerificationInBrowser => unreachable!("answered above"),
    };
    (scene, coming)
}

/// An unverified sign-up. A thief signed in while the shop did not require verified addresses.
async fn before_verification(world: &World) -> (Scene, Coming) {
    let shop = Arc::new(Shop::over(world));
    let strict = shop.with_verified_addresses(world);
    let (mut owner, mut thief, email) = (Person::at(1), Person::at(2), address("ada"));
    let form = SignUp::parse("Ada", email.as_str(), OLD).unwrap();
    let SignedUp::Pending(cookie) = strict.sign_up(form, owner.caller.clone(), None).await.unwrap() else {
        panic!("signed in before the address is verified");
    };
    owner.caller.pending_signup = strict.pending_signup_cookies.parse(&cookie.value, world.now());
    let customer = world.customers.find_by_email(&email).await.unwrap().unwrap();
    thief.log_in(&shop, &email, OLD).await.unwrap();
    let mut own = take_mail(world).await;
    own.retain(|mail| mail.customer == customer.id);
    let proof = EmailProof::Link(Zeroizing::new(newest(&own, LinkPurpose::VerifyEmail).unwrap()));
    let caller = owner.caller.clone();
    let coming =
        Box::pin(
            async move { matches!(strict.verify_email(proof, caller, None, None).await, Ok(Verified::SignedIn(..))) },
        );
    (Scene { shop, customer, owner: Arc::new(Mutex::new(owner)), thief }, coming)
}

/// Returns true if an access token of the thief is still accepted, without any refresh.
async fn is_in(scene: &Scene, thief: &Person) -> bool {
    for held in &thief.sessions {
        let caller = thief.caller.clone();
        let found = scene.shop.accounts.authenticate(Some(&held.access), None, || caller).await.unwrap();
        if matches!(found, Authentication::SignedIn(_)) {
            return true;
        }
    }
    false
}

async fn n2_a2_a_session_that_was_started_between_the_steps_is_over_at_once(world: &World) {
    for event in EVENTS {
        let (scene, coming) = before(event, world).await;
        let late = Arc::new(Mutex::new(Person::at(9)));
        let (shop, email, thief) = (scene.shop.clone(), scene.customer.email.clone(), late.clone());
        let log_in: Meanwhile = Box::pin(async move {
            thief.lock().await.log_in(&shop, &email, OLD).await.unwrap();
        });
        scene.shop.sessions.after_next_ending(log_in).await;
        assert!(coming.await, "{event:?}");
        let late = late.lock().await;
        assert_eq!(late.sessions.len(), 1, "{event:?}");
        assert!(!is_in(&scene, &late).await, "{event:?}");
    }
}

async fn n19_a_thief_is_signed_out_at_once_even_if_the_last_step_fails(world: &World) {
    for event in EVENTS {
        let (scene, coming) = before(event, world).await;
        scene.shop.sessions.fail_endings(std::iter::once(false).chain([true; 20])).await;
        assert!(coming.await, "what is done is told as done: {event:?}");
        assert!(!is_in(&scene, &scene.thief).await, "{event:?}");
    }
}

async fn n19_an_event_whose_first_step_failed_has_not_happened(world: &World) {
    for event in EVENTS {
        let (scene, coming) = before(event, world).await;
        scene.shop.sessions.fail_endings([true]).await;
        assert!(!coming.await, "{event:?}");
        let mut anybody = Person::at(8);
        assert!(
            anybody.log_in(&scene.shop, &scene.customer.email, OLD).await.is_ok(),
            "nothing has changed: {event:?}"
        );
        let epoch = world.customers.standing(scene.customer.id).await.unwrap().unwrap().epoch;
        assert_eq!(epoch, scene.customer.epoch, "{event:?}");
    }
}

async fn n19_sessions_that_could_not_be_ended_are_ended_soon_afterwards(world: &World) {
    let (scene, coming) = before(Event::SignOutOfOthers, world).await;
    let late = Arc::new(Mutex::new(Person::at(9)));
    let (shop, email, thief) = (scene.shop.clone(), scene.customer.email.clone(), late.clone());
    let log_in: Meanwhile = Box::pin(async move {
        thief.lock().await.log_in(&shop, &email, OLD).await.unwrap();
    });
    scene.shop.sessions.after_next_ending(log_in).await;
    // The step after the event fails, and so does the first retry in the background.
    scene.shop.sessions.fail_endings([false, true, true]).await;
    assert!(coming.await);
    scene.shop.accounts.background.finish(std::time::Duration::from_secs(20)).await;
    assert!(!is_in(&scene, &*late.lock().await).await);
}

/// Because of the epoch alone, before its access token expires.
async fn n2_a2_a_session_that_the_store_forgot_to_end_does_nothing_sensitive(world: &World) {
    for event in EVENTS {
        let (mut scene, coming) = before(event, world).await;
        let accounts = scene.shop.accounts.clone();
        let thief = scene.thief.identity(&scene.shop).await.unwrap();
        assert!(accounts.has_recent_proof(thief).await.unwrap(), "{event:?}");
        scene.shop.sessions.lose_ends(true);
        assert!(coming.await, "{event:?}");
        assert!(is_in(&scene, &scene.thief).await, "the store forgot it: {event:?}");
        let caller = &scene.thief.caller;
        let refused = [
            accounts.has_recent_proof(thief).await.map(|_| ()),
            accounts.propose_email(thief, address("eve"), &caller.client).await,
            accounts.end_session(thief, thief.session.id, &caller.client).await,
            accounts.end_other_sessions(thief, &caller.client).await.map(|_| ()),
        ];
        for (number, refused) in refused.iter().enumerate() {
            assert!(matches!(refused, Err(Error::Unauthenticated)), "{event:?}, {number}: {refused:?}");
        }
    }
}

async fn a_sign_up_that_failed_leaves_no_session(world: &World) {
    let scene = Scene::new(world).await;
    let form = SignUp::parse("Eve", scene.customer.email.as_str(), OLD).unwrap();
    let refused = scene.shop.accounts.sign_up(form, Person::at(2).caller, None).await;
    assert!(matches!(refused, Err(Error::EmailTaken)), "{refused:?}");
    let created = scene.shop.sessions.created().await;
    assert_eq!(created.len(), 2, "a session is written before its account");
    for key in created {
        let lives = world.sessions.find(key, world.now()).await.unwrap().is_some();
        assert_eq!(lives, key.customer == scene.customer.id);
    }
}

async fn r3_a_sign_up_that_replaces_an_unverified_account_ends_its_sessions(world: &World) {
    let mut scene = Scene::new(world).await;
    let strict = scene.shop.with_verified_addresses(world);
    let email = address("eve");
    let sign_up = async |password, place| {
        let form = SignUp::parse("Eve", email.as_str(), password).unwrap();
        strict.sign_up(form, Person::at(place).caller, None).await.unwrap();
    };
    sign_up(OLD, 3).await;
    // A session from a time when the shop did not require verified addresses.
    scene.thief.log_in(&scene.shop, &email, OLD).await.unwrap();
    sign_up("four quiet otters", 4).await;
    strict.background.finish(std::time::Duration::from_secs(20)).await;
    assert!(!is_in(&scene, &scene.thief).await);
    let id = world.customers.find_by_email(&email).await.unwrap().unwrap().id;
    assert!(world.sessions.list(id, world.now()).await.unwrap().is_empty());
}

async fn r3_a_sign_up_changes_nothing_of_an_account_that_was_created_without_verification(world: &World) {
    let mut scene = Scene::new(world).await;
    scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
    let before = world.customers.find(scene.customer.id).await.unwrap();
    let strict = scene.shop.with_verified_addresses(world);
    let form = SignUp::parse("Eve", scene.customer.email.as_str(), "four quiet otters").unwrap();
    strict.sign_up(form, Person::at(3).caller, None).await.unwrap();
    strict.background.finish(std::time::Duration::from_secs(20)).await;
    assert!(is_in(&scene, &scene.thief).await);
    assert_eq!(world.customers.find(scene.customer.id).await.unwrap(), before);
}

async fn n3_a_copied_browser_cookie_is_unknown_after_a_credential_event(world: &World) {
    for event in [Event::NewPassword, Event::SignOutOfOthers, Event::NewAddress] {
        let (scene, coming) = before(event, world).await;
        let copied = scene.owner.lock().await.caller.browser.unwrap();
        assert!(coming.await);
        let customer = world.customers.find(scene.customer.id).await.unwrap().unwrap();
        let is_known = world.browsers.knows(customer.id, customer.epoch, copied.hash(), world.now()).await.unwrap();
        assert!(!is_known, "{event:?}");
        // The session that continues has a known browser.
        let sessions = world.sessions.list(customer.id, world.now()).await.unwrap();
        let [kept] = sessions.as_slice() else { panic!("{event:?}: {sessions:?}") };
        let browser = kept.browser.unwrap();
        assert!(world.browsers.knows(customer.id, customer.epoch, browser, world.now()).await.unwrap(), "{event:?}");
    }
}
