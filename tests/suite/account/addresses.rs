//! A change of the address, and its undo, where another account has the address.

use doorstep::{
    accounts::{
        ChangeProof, EmailProof, Error, FormerEmails, Identity, LinkHash, LinkPurpose, NoticeLink, SessionId,
        ports::EmailChange,
    },
    domain::{Customer, EmailAddress},
};
use zeroize::Zeroizing;

use super::{
    in_flight::{OLD, Scene},
    world::{Person, address, newest, take_mail},
};
use crate::stores::{harness::World, store_contract};

store_contract![
    n1_a1_a_change_to_an_address_that_was_taken_ends_no_session,
    n1_a1_a_change_whose_address_is_taken_at_the_last_moment_is_withdrawn,
    n1_a1_an_undo_to_an_address_that_was_taken_ends_no_session_and_works_once_it_is_free,
    n1_a1_a_used_link_of_a_notice_is_not_valid_again_once_the_address_came_back,
];

impl Scene {
    /// Signs a stranger up with an address, who verifies it.
    async fn take(&self, world: &World, email: &EmailAddress) -> (Person, Customer) {
        let mut stranger = Person::at(9);
        let customer = stranger.sign_up(&self.shop, email.as_str(), OLD).await;
        let link = newest(&take_mail(world).await, LinkPurpose::VerifyEmail).unwrap();
        let identity = stranger.identity(&self.shop).await;
        let (proof, caller) = (EmailProof::Link(Zeroizing::new(link)), stranger.caller.clone());
        self.shop.accounts.verify_email(proof, caller, identity, None).await.unwrap();
        (stranger, customer)
    }

    async fn propose(&self, world: &World, identity: Identity, email: &EmailAddress) -> ChangeProof {
        let client = &self.thief.caller.client;
        self.shop.accounts.propose_email(identity, email.clone(), client).await.unwrap();
        ChangeProof::Link(Zeroizing::new(newest(&take_mail(world).await, LinkPurpose::ChangeEmail).unwrap()))
    }

    async fn change(&self, world: &World, identity: Identity, email: &EmailAddress) {
        let proof = self.propose(world, identity, email).await;
        self.shop.accounts.change_email(identity, proof, &self.thief.caller.client).await.unwrap();
    }

    async fn live(&self, world: &World) -> Vec<SessionId> {
        let sessions = world.sessions.list(self.customer.id, world.now()).await.unwrap();
        sessions.iter().map(|session| session.key.id).collect()
    }
}

fn again(proof: &ChangeProof) -> ChangeProof {
    let ChangeProof::Link(token) = proof else { panic!("a link") };
    ChangeProof::Link(token.clone())
}

async fn n1_a1_a_change_to_an_address_that_was_taken_ends_no_session(world: &World) {
    let mut scene = Scene::new(world).await;
    scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
    let (thief, email) = (scene.thief.identity(&scene.shop).await.unwrap(), address("taken"));
    let proof = scene.propose(world, thief, &email).await;
    scene.take(world, &email).await;
    let before = scene.live(world).await;
    for _ in 0..3 {
        let changed = scene.shop.accounts.change_email(thief, again(&proof), &scene.thief.caller.client).await;
        assert!(matches!(changed, Err(Error::EmailTaken)), "{:?}", changed.err());
    }
    assert_eq!(scene.live(world).await, before, "the owner is still signed in");
}

async fn n1_a1_a_change_whose_address_is_taken_at_the_last_moment_is_withdrawn(world: &World) {
    let mut scene = Scene::new(world).await;
    scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
    let (thief, email) = (scene.thief.identity(&scene.shop).await.unwrap(), address("taken"));
    let proof = scene.propose(world, thief, &email).await;
    let (_, stranger) = scene.take(world, &address("stranger")).await;
    // The stranger gets the address after the change has checked that it is free.
    let (customers, taken, now) = (world.customers.clone(), email.clone(), world.now());
    let take = async move {
        let (hash, expires_at) = (LinkHash::from_bytes([7; 32]), now + time::Duration::HOUR);
        let change = EmailChange { email: taken, hash, expires_at, session: thief.session.id };
        assert!(customers.propose_email(&stranger, &change, &[]).await.unwrap());
        customers.change_email(&stranger, &change, now, &FormerEmails::default(), None).await.unwrap().unwrap();
    };
    scene.shop.sessions.after_next_ending(Box::pin(take)).await;
    for expected in ["EmailTaken", "LinkExpired"] {
        let changed = scene.shop.accounts.change_email(thief, again(&proof), &scene.thief.caller.client).await;
        assert_eq!(format!("{:?}", changed.err().unwrap()), expected);
    }
}

async fn n1_a1_an_undo_to_an_address_that_was_taken_ends_no_session_and_works_once_it_is_free(world: &World) {
    let mut scene = Scene::new(world).await;
    scene.thief.log_in(&scene.shop, &scene.customer.email, OLD).await.unwrap();
    let thief = scene.thief.identity(&scene.shop).await.unwrap();
    let (own, client) = (scene.customer.email.clone(), Person::at(1).caller.client);
    let proof = scene.propose(world, thief, &address("thief")).await;
    scene.shop.accounts.change_email(thief, proof, &scene.thief.caller.client).await.unwrap();
    let undo = newest(&take_mail(world).await, LinkPurpose::SecureAccount).unwrap();

    let (mut other, _) = scene.take(world, &own).await;
    let before = scene.live(world).await;
    for _ in 0..3 {
        assert_eq!(scene.shop.accounts.look_at_notice(&undo).await.unwrap(), NoticeLink::AddressTaken);
        let secured = scene.shop.accounts.secure_account(&undo, &client).await;
        assert!(matches!(secured, Err(Error::EmailTaken)), "{secured:?}");
    }
    assert_eq!(scene.live(world).await, before);

    let identity = other.identity(&scene.shop).await.unwrap();
    scene.change(world, identity, &address("elsewhere")).await;
    assert_eq!(scene.shop.accounts.look_at_notice(&undo).await.unwrap(), NoticeLink::Secures);
    scene.shop.accounts.secure_account(&undo, &client).await.unwrap();
    assert_eq!(scene.thief.identity(&scene.shop).await, None);
}

async fn n1_a1_a_used_link_of_a_notice_is_not_valid_again_once_the_address_came_back(world: &World) {
    let scene = Scene::new(world).await;
    let (own, client) = (scene.customer.email.clone(), Person::at(1).caller.client);
    for email in [address("other"), own.clone()] {
        let identity = scene.owner().await;
        scene.change(world, identity, &email).await;
        world.clock.advance(time::Duration::MINUTE);
    }
    Person::at(3).log_in(&scene.shop, &own, OLD).await.unwrap();
    let notice = newest(&take_mail(world).await, LinkPurpose::SecureAccount).unwrap();
    world.clock.advance(time::Duration::MINUTE);
    scene.shop.accounts.secure_account(&notice, &client).await.unwrap();
    assert_eq!(scene.shop.accounts.look_at_notice(&notice).await.unwrap(), NoticeLink::Expired);
    let again = scene.shop.accounts.secure_account(&notice, &client).await;
    assert!(matches!(again, Err(Error::LinkExpired)), "{again:?}");
}
