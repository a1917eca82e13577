//! A verification that is in progress while the credentials change has no effect.

use std::sync::Arc;

use doorstep::{
    accounts::{
        AbandonedAccounts, Authentication, EmailProof, Error, Identity, LinkPurpose, Mail, MailKind, SessionId, Whom,
    },
    domain::{ChangePassword, Confirm, Customer, Event, ResetPassword, SignUp},
};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::world::{Person, Shop, address, newest, take_mail};
use crate::stores::{harness::World, store_contract};

pub(super) const OLD: &str = "seven tall herons";
const NEW: &str = "four quiet otters";

store_contract![
    n2_a2_a_login_in_flight_does_not_outlive_a_change_of_the_password,
    n2_a2_a_login_in_flight_does_not_outlive_a_reset,
    n2_a2_a_login_in_flight_does_not_outlive_a_reclaim,
    n2_a2_a_login_in_flight_does_not_outlive_secure_account,
    n2_a2_a_login_in_flight_does_not_outlive_a_disabled_account,
    n2_a2_a_login_in_flight_does_not_outlive_a_sign_out_of_all_others,
    n2_a2_a_login_in_flight_does_not_outlive_a_sign_out_by_the_shop,
    n2_a2_a_login_in_flight_does_not_outlive_a_change_of_the_address,
    n2_a2_a_confirmation_in_flight_does_not_outlive_a_sign_out_of_all_others,
    n2_a2_a_change_of_the_password_in_flight_does_not_outlive_a_reset,
    t9_a_confirmation_in_flight_does_not_outlive_a_change_of_the_password,
    t9_a_refresh_in_flight_does_not_outlive_a_change_of_the_password,
    t9_a_login_in_flight_does_not_outlive_its_account,
    n2_a2_requests_in_flight_do_not_outlive_the_end_of_their_session,
    n2_a2_a_sign_out_of_all_others_in_flight_does_not_outlive_a_change_of_the_password,
    n1_a1_no_credential_event_of_a_thief_stops_a_former_address_from_undoing_the_change,
    n19_a_password_form_that_is_sent_twice_is_no_wrong_password,
    n18_changes_of_the_password_that_fail_use_up_no_mail,
    n19_a_change_of_the_password_is_recorded_even_if_its_session_ends_meanwhile,
];

/// An account's owner, and a thief who knows the password.
pub(super) struct Scene {
    pub shop: Arc<Shop>,
    pub customer: Customer,
    pub owner: Arc<Mutex<Person>>,
    pub thief: Person,
}

impl Scene {
    pub async fn new(world: &World) -> Self {
        let shop = Arc::new(Shop::over(world));
        let mut owner = Person::at(1);
        let email = address("ada");
        let customer = owner.sign_up(&shop, email.as_str(), OLD).await;
        Self { shop, customer, owner: Arc::new(Mutex::new(owner)), thief: Person::at(2) }
    }

    pub async fn owner(&self) -> Identity {
        self.owner.lock().await.identity(&self.shop).await.expect("the owner is signed in")
    }

    /// Returns a change of the password by the owner.
    pub async fn change_of_the_password(&self) -> impl Future<Output = ()> + Send + 'static {
        let (shop, owner, identity) = (self.shop.clone(), self.owner.clone(), self.owner().await);
        async move {
            let mut owner = owner.lock().await;
            let form = ChangePassword::parse(OLD, NEW).unwrap();
            let tokens = shop.accounts.change_password(identity, form, owner.caller.clone()).await.unwrap();
            owner.keep(&tokens);
        }
    }

    /// Checks that the owner's session is the only one.
    async fn thief_is_out(&mut self, world: &World) {
        let kept = self.owner().await.session.id;
        let sessions = world.sessions.list(self.customer.id, world.now()).await.unwrap();
        let ids: Vec<SessionId> = sessions.iter().map(|session| session.key.id).collect();
        assert_eq!(ids, [kept]);
        for held in &self.thief.sessions {
            let caller = self.thief.caller.clone();
            let found = self.shop.accounts.authenticate(Some(&held.access), Some(&held.refresh), || caller).await;
            assert!(matches!(found, Ok(Authentication::Ended)), "{found:?}");
        }
    }

    /// Logs the thief in during `event`, and checks that they gain no access.
    async fn log_in_during(&mut self, world: &World, event: impl Future<Output = ()> + Send + 'static) {
        self.shop.hasher.during_next_verification(Box::pin(event)).await;
        let refused = self.thief.log_in(&self.shop, &self.customer.email, OLD).await;
        assert!(matches!(refused, Err(Error::InvalidCredentials)), "{refused:?}");
        let kept = self.owner.lock().await.identity(&self.shop).await.map(|identity| identity.session.id);
        let sessions = world.sessions.list(self.customer.id, world.now()).await.unwrap();
        assert!(sessions.iter().all(|session| Some(session.key.id) == kept), "{sessions:?}");
    }
}

async fn reset(shop: &Shop, customer: &Customer, world_mail: Vec<Mail>, person: &mut Person) {
    let token = newest(&world_mail, LinkPurpose::ResetPassword).expect("a link");
    let form = ResetPassword::parse(&token, NEW).unwrap();
    let cookie = shop.accounts.reset_password(form, None, &person.caller.client).await.unwrap().unwrap();
    person.keep_browser(cookie.id);
    assert!(person.log_in(shop, &customer.email, NEW).await.is_ok());
}

/// Requests a reset link before the scene begins.
pub(super) async fn forgotten(world: &World, scene: &Scene) -> Vec<Mail> {
    let caller = scene.owner.lock().await.caller.clone();
    scene.shop.accounts.forgot_password(&scene.customer.email, &caller).await.unwrap();
    let mut mails = Vec::new();
    crate::support::eventually(std::time::Duration::from_secs(20), "no mail", async || {
        mails.extend(take_mail(world).await);
        newest(&mails, LinkPurpose::ResetPassword).is_some()
    })
    .await;
    mails
}

async fn n2_a2_a_login_in_flight_does_not_outlive_a_change_of_the_password(world: &World) {
    let mut scene = Scene::new(world).await;
    let change = scene.change_of_the_password().await;
    scene.log_in_during(world, change).await;
    scene.owner().await;
}

async fn n2_a2_a_login_in_flight_does_not_outlive_a_reset(world: &World) {
    let mut scene = Scene::new(world).await;
    let mails = forgotten(world, &scene).await;
    let (shop, owner, customer) = (scene.shop.clone(), scene.owner.clone(), scene.customer.clone());
    scene
        .log_in_during(world, async move {
            reset(&shop, &customer, mails, &mut *owner.lock().await).await;
        })
        .await;
    scene.owner().await;
}

async fn n2_a2_a_login_in_flight_does_not_outlive_a_reclaim(world: &World) {
    let mut scene = Scene::new(world).await;
    let link = newest(&take_mail(world).await, LinkPurpose::VerifyEmail).unwrap();
    let (shop, elsewhere) = (scene.shop.clone(), Person::at(3).caller);
    scene
        .log_in_during(world, async move {
            let proof = EmailProof::Link(Zeroizing::new(link));
            shop.accounts.verify_email(proof, elsewhere, None, None).await.unwrap();
        })
        .await;
}

async fn n2_a2_a_login_in_flight_does_not_outlive_secure_account(world: &World) {
    let mut scene = Scene::new(world).await;
    Person::at(4).log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
    let link = newest(&take_mail(world).await, LinkPurpose::SecureAccount).unwrap();
    let (shop, client) = (scene.shop.clone(), Person::at(1).caller.client);
    scene
        .log_in_during(world, async move {
            shop.accounts.secure_account(&link, &client).await.unwrap();
        })
        .await;
}

async fn n2_a2_a_login_in_flight_does_not_outlive_a_disabled_account(world: &World) {
    let mut scene = Scene::new(world).await;
    let (shop, id) = (scene.shop.clone(), scene.customer.id);
    scene
        .log_in_during(world, async move {
            let office = shop.back_office();
            office.disable(&Whom::Id(id)).await.unwrap();
            // Even if the shop enables the account again at once.
            office.enable(&Whom::Id(id)).await.unwrap();
        })
        .await;
}

async fn n2_a2_a_login_in_flight_does_not_outlive_a_sign_out_of_all_others(world: &World) {
    let mut scene = Scene::new(world).await;
    let (shop, identity) = (scene.shop.clone(), scene.owner().await);
    let caller = scene.owner.lock().await.caller.clone();
    scene
        .log_in_during(world, async move {
            shop.accounts.end_other_sessions(identity, &caller.client).await.unwrap();
        })
        .await;
    world.clock.advance(time::Duration::hours(1));
    assert_eq!(scene.owner().await, identity, "the session that asked goes on, through a refresh as well");
}

async fn n2_a2_a_login_in_flight_does_not_outlive_a_sign_out_by_the_shop(world: &World) {
    let mut scene = Scene::new(world).await;
    let (shop, id) = (scene.shop.clone(), scene.customer.id);
    scene
        .log_in_during(world, async move {
            shop.back_office().end_sessions(&Whom::Id(id)).await.unwrap();
        })
        .await;
}

async fn n2_a2_a_login_in_flight_does_not_outlive_a_change_of_the_address(world: &World) {
    let mut scene = Scene::new(world).await;
    let (shop, identity, new) = (scene.shop.clone(), scene.owner().await, address("new"));
    let caller = scene.owner.lock().await.caller.clone();
    shop.accounts.propose_email(identity, new.clone(), &caller.client).await.unwrap();
    let link = newest(&take_mail(world).await, LinkPurpose::ChangeEmail).unwrap();
    scene
        .log_in_during(world, async move {
            let proof = doorstep::accounts::ChangeProof::Link(Zeroizing::new(link));
            shop.accounts.change_email(identity, proof, &caller.client).await.unwrap();
        })
        .await;
    world.clock.advance(time::Duration::hours(1));
    assert_eq!(scene.owner().await, identity, "the session that asked goes on, through a refresh as well");
}

async fn n2_a2_a_confirmation_in_flight_does_not_outlive_a_sign_out_of_all_others(world: &World) {
    let mut scene = Scene::new(world).await;
    scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
    let (shop, owner) = (scene.shop.clone(), scene.owner().await);
    let thief = scene.thief.identity(&shop).await.unwrap();
    let caller = scene.owner.lock().await.caller.clone();
    let office = shop.clone();
    shop.hasher
        .during_next_verification(Box::pin(async move {
            office.accounts.end_other_sessions(owner, &caller.client).await.unwrap();
        }))
        .await;
    let confirmed = shop.accounts.confirm(thief, Confirm::parse(OLD).unwrap(), scene.thief.caller.clone()).await;
    assert!(matches!(confirmed, Err(Error::Unauthenticated)), "{confirmed:?}");
    let sessions = world.sessions.list(scene.customer.id, world.now()).await.unwrap();
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.key.id).collect();
    assert_eq!(ids, [owner.session.id]);
}

async fn n2_a2_a_sign_out_of_all_others_in_flight_does_not_outlive_a_change_of_the_password(world: &World) {
    let mut scene = Scene::new(world).await;
    scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
    let shop = scene.shop.clone();
    let thief = scene.thief.identity(&shop).await.unwrap();
    // The event of an owner's request that has passed all checks already.
    let (customers, id) = (world.customers.clone(), scene.customer.id);
    let event = async move {
        let _ = customers.start_epoch(id, None).await.unwrap().unwrap();
    };
    shop.sessions.after_next_ending(Box::pin(event)).await;
    let ended = shop.accounts.end_other_sessions(thief, &scene.thief.caller.client).await;
    assert!(matches!(ended, Err(Error::Unauthenticated)), "{ended:?}");
    world.clock.advance(time::Duration::hours(1));
    assert_eq!(scene.thief.identity(&shop).await, None, "the session is of the epoch before");
}

async fn n1_a1_no_credential_event_of_a_thief_stops_a_former_address_from_undoing_the_change(world: &World) {
    let mut scene = Scene::new(world).await;
    scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
    let shop = scene.shop.clone();
    let thief = scene.thief.identity(&shop).await.unwrap();
    let client = scene.thief.caller.client.clone();
    shop.accounts.propose_email(thief, address("thief"), &client).await.unwrap();
    let link = newest(&take_mail(world).await, LinkPurpose::ChangeEmail).unwrap();
    let proof = doorstep::accounts::ChangeProof::Link(Zeroizing::new(link));
    shop.accounts.change_email(thief, proof, &client).await.unwrap();
    let undo = newest(&take_mail(world).await, LinkPurpose::SecureAccount).unwrap();

    // The event of a thief's request that has passed all checks already.
    let (customers, id) = (world.customers.clone(), scene.customer.id);
    let event = async move {
        let _ = customers.start_epoch(id, None).await.unwrap().unwrap();
    };
    shop.sessions.after_next_ending(Box::pin(event)).await;
    shop.accounts.secure_account(&undo, &Person::at(1).caller.client).await.unwrap();
    assert_eq!(scene.thief.identity(&shop).await, None);
    let found = world.customers.find_by_email(&scene.customer.email).await.unwrap();
    assert_eq!(found.unwrap().id, scene.customer.id);
}

async fn n19_a_password_form_that_is_sent_twice_is_no_wrong_password(world: &World) {
    let scene = Scene::new(world).await;
    let (identity, caller) = (scene.owner().await, scene.owner.lock().await.caller.clone());
    let form = || ChangePassword::parse(OLD, NEW).unwrap();
    // The first form changes the password while that of the second is verified.
    let change = scene.change_of_the_password().await;
    scene.shop.hasher.during_next_verification(Box::pin(change)).await;
    let second = scene.shop.accounts.change_password(identity, form(), caller.clone()).await;
    assert!(matches!(second, Err(Error::Unauthenticated)), "{second:?}");
    // The password of the third is verified after the change.
    let third = scene.shop.accounts.confirm(identity, Confirm::parse(OLD).unwrap(), caller).await;
    assert!(matches!(third, Err(Error::Unauthenticated)), "{third:?}");
    let activities = world.timeline.activities(scene.customer.id, world.now(), 100).await.unwrap();
    assert!(activities.iter().all(|activity| activity.event != Event::AttemptFailed), "{activities:?}");
    scene.owner().await;
}

async fn n18_changes_of_the_password_that_fail_use_up_no_mail(world: &World) {
    let mut scene = Scene::new(world).await;
    scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
    let shop = scene.shop.clone();
    for _ in 0..6 {
        world.clock.advance(time::Duration::minutes(1));
        let thief = scene.thief.identity(&shop).await.unwrap();
        let (office, client) = (shop.clone(), scene.thief.caller.client.clone());
        let event = async move {
            office.accounts.end_other_sessions(thief, &client).await.unwrap();
        };
        shop.sessions.after_next_ending(Box::pin(event)).await;
        let form = ChangePassword::parse(OLD, NEW).unwrap();
        let changed = shop.accounts.change_password(thief, form, scene.thief.caller.clone()).await;
        assert!(matches!(changed, Err(Error::Contended)), "the current password is right: {changed:?}");
    }
    take_mail(world).await;
    let thief = scene.thief.identity(&shop).await.unwrap();
    let form = ChangePassword::parse(OLD, NEW).unwrap();
    shop.accounts.change_password(thief, form, scene.thief.caller.clone()).await.unwrap();
    let told = take_mail(world).await;
    assert!(told.iter().any(|mail| matches!(mail.letter, MailKind::PasswordChanged(_))), "{told:?}");
}

async fn n19_a_change_of_the_password_is_recorded_even_if_its_session_ends_meanwhile(world: &World) {
    let mut scene = Scene::new(world).await;
    scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
    let shop = scene.shop.clone();
    let thief = scene.thief.identity(&shop).await.unwrap();
    // The owner signs out this device after the change has checked its session.
    let sessions = world.sessions.clone();
    let end = async move { assert!(sessions.end(thief.session).await.unwrap()) };
    shop.sessions.after_next_ending(Box::pin(end)).await;
    let form = ChangePassword::parse(OLD, NEW).unwrap();
    let changed = shop.accounts.change_password(thief, form, scene.thief.caller.clone()).await;
    assert!(matches!(changed, Err(Error::Unauthenticated)), "{changed:?}");
    assert!(scene.thief.log_in(&shop, &scene.customer.email, NEW).await.is_ok(), "the password is changed");
    let activities = world.timeline.activities(scene.customer.id, world.now(), 10).await.unwrap();
    assert!(activities.iter().any(|activity| activity.event == Event::PasswordChanged), "{activities:?}");
}

async fn n2_a2_a_change_of_the_password_in_flight_does_not_outlive_a_reset(world: &World) {
    let mut scene = Scene::new(world).await;
    scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
    let mails = forgotten(world, &scene).await;
    let shop = scene.shop.clone();
    let thief = scene.thief.identity(&shop).await.unwrap();
    let (office, owner, customer) = (shop.clone(), scene.owner.clone(), scene.customer.clone());
    shop.hasher
        .during_next_verification(Box::pin(async move {
            reset(&office, &customer, mails, &mut *owner.lock().await).await;
        }))
        .await;
    let form = ChangePassword::parse(OLD, "nine short badgers").unwrap();
    let changed = shop.accounts.change_password(thief, form, scene.thief.caller.clone()).await;
    assert!(changed.is_err(), "{changed:?}");
    assert!(scene.thief.identity(&shop).await.is_none());
    assert!(scene.thief.log_in(&shop, &scene.customer.email, "nine short badgers").await.is_err());
    // The session after the change would have the same epoch as the one after the reset.
    let kept = scene.owner().await.session.id;
    let sessions = world.sessions.list(scene.customer.id, world.now()).await.unwrap();
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.key.id).collect();
    assert_eq!(ids, [kept]);
}

async fn t9_a_confirmation_in_flight_does_not_outlive_a_change_of_the_password(world: &World) {
    let mut scene = Scene::new(world).await;
    scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
    let thief = scene.thief.identity(&scene.shop).await.unwrap();
    let change = Box::pin(scene.change_of_the_password().await);
    scene.shop.hasher.during_next_verification(change).await;
    let confirm = Confirm::parse(OLD).unwrap();
    let confirmed = scene.shop.accounts.confirm(thief, confirm, scene.thief.caller.clone()).await;
    if let Ok(tokens) = &confirmed {
        scene.thief.keep(tokens);
    }
    assert!(matches!(confirmed, Err(Error::Unauthenticated)), "{confirmed:?}");
    scene.thief_is_out(world).await;
}

/// The refresh token is used just before or just after the password changes, with either of its tokens.
async fn t9_a_refresh_in_flight_does_not_outlive_a_change_of_the_password(world: &World) {
    for is_used_first in [true, false] {
        let mut scene = Scene::new(world).await;
        scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
        let change = Box::pin(scene.change_of_the_password().await);
        if is_used_first {
            scene.shop.sessions.after_next_rotation(change).await;
        } else {
            scene.shop.sessions.before_next_rotation(change).await;
        }
        let stolen = scene.thief.sessions[0].refresh.clone();
        let refreshed = scene.shop.accounts.refresh(&stolen, &scene.thief.caller).await;
        assert_eq!(refreshed.is_ok(), is_used_first, "{refreshed:?}");
        if let Ok((_, tokens)) = refreshed {
            scene.thief.keep(&tokens);
        }
        scene.thief_is_out(world).await;
    }
}

/// Another account may have the same address by then, even with the same password.
async fn t9_a_login_in_flight_does_not_outlive_its_account(world: &World) {
    let shop = Arc::new(Shop::over(world));
    let email = address("ada");
    let form = SignUp::parse("Eve", email.as_str(), OLD).unwrap();
    shop.with_verified_addresses(world).sign_up(form, Person::at(1).caller, None).await.unwrap();
    let (clock, customers) = (world.clock.clone(), world.customers.clone());
    let (office, address) = (shop.clone(), email.clone());
    shop.hasher
        .during_next_verification(Box::pin(async move {
            clock.advance(time::Duration::days(31));
            let abandoned = AbandonedAccounts { customers, clock };
            abandoned.remove().await.unwrap();
            Person::at(1).sign_up(&office, address.as_str(), OLD).await;
        }))
        .await;
    let mut thief = Person::at(2);
    let refused = thief.log_in(&shop, &email, OLD).await;
    assert!(matches!(refused, Err(Error::InvalidCredentials | Error::Unauthenticated)), "{refused:?}");
    let owner = world.customers.find_by_email(&email).await.unwrap().unwrap();
    for key in shop.sessions.created().await {
        let lives = world.sessions.find(key, world.now()).await.unwrap().is_some();
        assert_eq!(lives, key.customer == owner.id);
    }
}

/// A customer ends one session from another device, or it logs out, while it confirms or changes the password.
async fn n2_a2_requests_in_flight_do_not_outlive_the_end_of_their_session(world: &World) {
    for (is_change, is_log_out) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut scene = Scene::new(world).await;
        scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
        let (shop, owner) = (scene.shop.clone(), scene.owner().await);
        let thief = scene.thief.identity(&shop).await.unwrap();
        let (office, client) = (shop.clone(), scene.owner.lock().await.caller.client.clone());
        let held = scene.thief.sessions[0].clone();
        shop.hasher
            .during_next_verification(Box::pin(async move {
                if is_log_out {
                    office.accounts.log_out(Some(&held.access), Some(&held.refresh), &client).await.unwrap();
                } else {
                    office.accounts.end_session(owner, thief.session.id, &client).await.unwrap();
                }
            }))
            .await;
        let caller = scene.thief.caller.clone();
        let answered = if is_change {
            shop.accounts.change_password(thief, ChangePassword::parse(OLD, NEW).unwrap(), caller).await
        } else {
            shop.accounts.confirm(thief, Confirm::parse(OLD).unwrap(), caller).await
        };
        assert!(matches!(answered, Err(Error::Unauthenticated)), "{is_change} {is_log_out}: {answered:?}");
        let sessions = world.sessions.list(scene.customer.id, world.now()).await.unwrap();
        let ids: Vec<SessionId> = sessions.iter().map(|session| session.key.id).collect();
        assert_eq!(ids, [owner.session.id], "{is_change} {is_log_out}");
        assert!(scene.thief.log_in(&shop, &scene.customer.email, OLD).await.is_ok(), "the password stays");
    }
}
