//! The contract of customer stores for addresses.

use doorstep::{
    accounts::{
        AbandonedAccounts, BrowserHash, FormerEmail, FormerEmails, LinkId, Mail, SessionId, TicketHash,
        ports::{
            Address, AddressError, Credentials, EmailChange, KnownBrowser, Notified, PasswordHash, Reset, Securing,
            Verification, Verifying,
        },
    },
    domain::{CredentialEpoch, Customer, EmailAddress},
};
use time::Duration;

use super::{
    harness::{World, random},
    outbox::{mail_to, take, take_all},
};

store_contract![
    a_proposed_address_is_kept_replaced_and_withdrawn,
    n2_a2_a_customer_read_before_a_credential_event_cannot_propose_an_address,
    v2_a_proposed_address_is_given_once_and_only_while_it_is_awaited,
    one_address_is_one_customer_also_where_it_is_changed,
    a_changed_address_is_verified_and_the_previous_one_is_remembered,
    v2_an_account_is_secured_once_by_a_notice,
    an_account_that_is_secured_from_the_address_before_returns_to_it,
    an_address_that_was_never_verified_can_be_taken_away_and_no_other,
    n31_unverified_accounts_are_removed_after_thirty_days_and_no_others,
];

async fn ada(world: &World) -> Credentials {
    let ada = world.new_customer("ada@x.test");
    world.customers.create(&ada, None, None).await.unwrap();
    ada
}

fn email(email: &str) -> EmailAddress {
    EmailAddress::parse(email).unwrap()
}

fn change_to(world: &World, address: &str) -> EmailChange {
    EmailChange {
        email: email(address),
        hash: LinkId::from_bytes(random()).hash(),
        expires_at: world.now() + Duration::DAY,
        session: SessionId::from_bytes(random()),
    }
}

fn former(world: &World) -> FormerEmails {
    let until = world.now() + Duration::days(3);
    let former = |address| FormerEmail { email: email(address), until, secured_at: None };
    FormerEmails::from_store(vec![former("ada0@x.test"), former("ada@x.test")])
}

async fn propose(world: &World, ada: &Credentials, address: &str) -> EmailChange {
    let change = change_to(world, address);
    let mail = mail_to(ada, world.now());
    let current = found(world, ada).await;
    assert!(world.customers.propose_email(&current, &change, std::slice::from_ref(&mail)).await.unwrap());
    assert_eq!(take(world).await.unwrap().mail, mail);
    world.outbox.remove(&[mail]).await.unwrap();
    change
}

async fn change(world: &World, ada: &Credentials, to: &EmailChange) -> Result<bool, AddressError> {
    let changed = world.customers.change_email(&ada.customer, to, world.now(), &former(world), None).await;
    changed.map(|epoch| epoch.is_some())
}

async fn address(world: &World, ada: &Credentials) -> Address {
    world.customers.address(ada.customer.id).await.unwrap()
}

async fn found(world: &World, ada: &Credentials) -> Customer {
    world.customers.find(ada.customer.id).await.unwrap().unwrap()
}

async fn a_proposed_address_is_kept_replaced_and_withdrawn(world: &World) {
    let ada = ada(world).await;
    assert_eq!(address(world, &ada).await, Address::default());
    let first = propose(world, &ada, "first@x.test").await;
    assert_eq!(address(world, &ada).await.change, Some(first));
    let second = propose(world, &ada, "second@x.test").await;
    assert_eq!(address(world, &ada).await.change, Some(second));
    world.customers.withdraw_email(ada.customer.id).await.unwrap();
    assert_eq!(address(world, &ada).await, Address::default());
    assert_eq!(found(world, &ada).await, ada.customer);
}

async fn n2_a2_a_customer_read_before_a_credential_event_cannot_propose_an_address(world: &World) {
    let ada = ada(world).await;
    let before = found(world, &ada).await;
    world.customers.start_epoch(ada.customer.id, None).await.unwrap().unwrap();
    let (change, mail) = (change_to(world, "new@x.test"), mail_to(&ada, world.now()));
    assert!(!world.customers.propose_email(&before, &change, &[mail]).await.unwrap());
    assert_eq!(address(world, &ada).await, Address::default());
    assert_eq!(take(world).await, None);
    propose(world, &ada, "new@x.test").await;
}

async fn v2_a_proposed_address_is_given_once_and_only_while_it_is_awaited(world: &World) {
    let ada = ada(world).await;
    let first = propose(world, &ada, "new@x.test").await;
    let second = propose(world, &ada, "new@x.test").await;
    assert!(!change(world, &ada, &first).await.unwrap(), "it was replaced");
    world.clock.advance(Duration::DAY);
    assert!(!change(world, &ada, &second).await.unwrap(), "it has expired");
    let third = propose(world, &ada, "new@x.test").await;
    found(world, &ada).await;
    assert!(change(world, &ada, &third).await.unwrap());
    assert!(!change(world, &ada, &third).await.unwrap());
    assert_eq!(found(world, &ada).await.email, email("new@x.test"));
    assert!(world.customers.find_by_email(&email("ada@x.test")).await.unwrap().is_none());
    assert_eq!(world.customers.find_by_email(&email("new@x.test")).await.unwrap().unwrap().id, ada.customer.id);
}

async fn one_address_is_one_customer_also_where_it_is_changed(world: &World) {
    let ada = ada(world).await;
    let to = propose(world, &ada, "bob@x.test").await;
    world.customers.create(&world.new_customer("bob@x.test"), None, None).await.unwrap();
    let mail = mail_to(&ada, world.now());
    let refused = world.customers.change_email(&ada.customer, &to, world.now(), &former(world), Some(&mail)).await;
    assert!(matches!(refused, Err(AddressError::EmailTaken)), "{refused:?}");
    assert_eq!(found(world, &ada).await, ada.customer);
    assert_eq!(take(world).await, None);
}

async fn a_changed_address_is_verified_and_the_previous_one_is_remembered(world: &World) {
    let mut ada = world.new_customer("ada@x.test");
    ada.customer.verified = false;
    let hash = LinkId::from_bytes(random()).hash();
    let verification = Verification { hash, expires_at: world.now() + Duration::DAY, ticket: None };
    world.customers.create(&ada, Some(&verification), None).await.unwrap();
    let reset = Reset { hash, expires_at: world.now() + Duration::HOUR };
    world.customers.allow_reset(ada.customer.id, &reset, &mail_to(&ada, world.now())).await.unwrap();
    world.outbox.remove(&[take(world).await.unwrap().mail]).await.unwrap();

    let to = propose(world, &ada, "new@x.test").await;
    world.clock.advance(Duration::SECOND);
    let (mail, former) = (mail_to(&ada, world.now()), former(world));
    let changed = world.customers.change_email(&ada.customer, &to, world.now(), &former, Some(&mail)).await;
    let epoch = CredentialEpoch::new(1);
    assert_eq!(changed.unwrap(), Some(epoch));
    let (email, updated_at) = (to.email, world.now());
    let expected = Customer { email, verified: true, epoch, updated_at, ..ada.customer.clone() };
    assert_eq!(found(world, &ada).await, expected);
    assert_eq!(address(world, &ada).await, Address { former, ..Address::default() });
    assert_eq!(take(world).await.unwrap().mail, mail);
    assert!(!world.customers.may_reset(ada.customer.id, hash, world.now()).await.unwrap());
}

/// A password that no one knows.
fn nobodys() -> PasswordHash {
    PasswordHash::new("$2b$12$nobodys".to_owned())
}

fn securing<'a>(world: &World, customer: &'a Customer, by: Notified, password: &'a PasswordHash) -> Securing<'a> {
    Securing {
        customer,
        by,
        password,
        reset: Reset { hash: LinkId::from_bytes([8; 16]).hash(), expires_at: world.now() + Duration::HOUR },
        now: world.now(),
    }
}

async fn v2_an_account_is_secured_once_by_a_notice(world: &World) {
    let ada = ada(world).await;
    propose(world, &ada, "eve@x.test").await;
    found(world, &ada).await;
    let (written_at, password) = (world.now(), nobodys());
    world.clock.advance(Duration::MINUTE);
    let secure = async |written_at, mail: &Mail| {
        let securing = securing(world, &ada.customer, Notified::AtPresent { written_at }, &password);
        world.customers.secure(&securing, std::slice::from_ref(mail)).await.unwrap().is_some()
    };
    let (first, second) = (mail_to(&ada, world.now()), mail_to(&ada, world.now()));
    assert!(secure(written_at, &first).await);
    assert_eq!(take(world).await.unwrap().mail, first);
    assert!(!secure(written_at, &second).await, "what was written before is done with");
    assert_eq!(take(world).await, None);
    let credentials = world.customers.find_credentials(&ada.customer.email).await.unwrap().unwrap();
    assert_eq!(credentials.password.expose(), "$2b$12$nobodys");
    let expected = Address { secured_at: Some(world.now()), ..Address::default() };
    assert_eq!(address(world, &ada).await, expected);
    assert!(world.customers.may_reset(ada.customer.id, LinkId::from_bytes([8; 16]).hash(), world.now()).await.unwrap());

    world.clock.advance(Duration::MINUTE);
    assert!(secure(world.now(), &second).await, "a later notice counts");
    let mut other = ada.customer.clone();
    other.email = email("eve@x.test");
    world.clock.advance(Duration::MINUTE);
    let by = Notified::AtPresent { written_at: world.now() };
    let third = mail_to(&ada, world.now());
    assert_eq!(
        world.customers.secure(&securing(world, &other, by, &password), &[third]).await.unwrap(),
        None,
        "it is not the address"
    );
}

async fn an_account_that_is_secured_from_the_address_before_returns_to_it(world: &World) {
    let ada = ada(world).await;
    let to = propose(world, &ada, "eve@x.test").await;
    assert!(change(world, &ada, &to).await.unwrap());
    let secure = async |securing: &Securing<'_>| {
        let mails = [mail_to(&ada, world.now()), mail_to(&ada, world.now())];
        let secured = world.customers.secure(securing, &mails).await;
        let taken = take_all(world).await;
        assert_eq!(taken.len(), if matches!(secured, Ok(Some(_))) { 2 } else { 0 }, "{taken:?}");
        world.outbox.remove(&mails).await.unwrap();
        secured.map(|epoch| epoch.is_some())
    };
    let password = nobodys();
    // The thief uses it as well, and more quickly.
    let eve = found(world, &ada).await;
    let by = Notified::AtPresent { written_at: world.now() };
    assert!(secure(&securing(world, &eve, by, &password)).await.unwrap());

    let bob = world.new_customer("ada@x.test");
    world.customers.create(&bob, None, None).await.unwrap();
    let left = FormerEmails::from_store(former(world).iter().take(1).cloned().collect());
    let eve = found(world, &ada).await;
    let eve = Customer { email: ada.customer.email.clone(), ..eve };
    let replaced = email("eve@x.test");
    let by = Notified::Before { left: left.clone(), replaced };
    let before = |customer| securing(world, customer, by.clone(), &password);
    let taken = secure(&before(&eve)).await;
    assert!(matches!(taken, Err(AddressError::EmailTaken)), "{taken:?}");
    let away = propose(world, &bob, "bob@x.test").await;
    assert!(change(world, &bob, &away).await.unwrap());

    // An event that leaves the addresses as they are does not prevent it.
    world.customers.start_epoch(ada.customer.id, None).await.unwrap().unwrap();
    assert!(secure(&before(&eve)).await.unwrap());
    assert_eq!(found(world, &ada).await.email, ada.customer.email);
    assert_eq!(address(world, &ada).await.former, left);
    assert!(!secure(&before(&eve)).await.unwrap(), "once");
}

async fn an_address_that_was_never_verified_can_be_taken_away_and_no_other(world: &World) {
    let (ada, mut eve) = (ada(world).await, world.new_customer("eve@x.test"));
    eve.customer.verified = false;
    let hash = LinkId::from_bytes(random()).hash();
    let verification = Verification { hash, expires_at: world.now(), ticket: None };
    world.customers.create(&eve, Some(&verification), Some(&mail_to(&eve, world.now()))).await.unwrap();
    world.customers.find(eve.customer.id).await.unwrap();
    for (address, removed) in [("ada@x.test", false), ("nobody@x.test", false), ("eve@x.test", true)] {
        assert_eq!(world.customers.remove_unverified(&email(address)).await.unwrap().is_some(), removed, "{address}");
    }
    assert_eq!(found(world, &ada).await, ada.customer);
    assert_eq!(world.customers.find(eve.customer.id).await.unwrap(), None);
    assert_eq!(take(world).await, None);
}

async fn n31_unverified_accounts_are_removed_after_thirty_days_and_no_others(world: &World) {
    let verification = |ticket: Option<u8>, expires_at| Verification {
        hash: LinkId::from_bytes(random()).hash(),
        expires_at,
        ticket: ticket.map(|byte| TicketHash::from_bytes([byte; 32])),
    };
    let (day, now) = (world.now() + Duration::DAY, world.now());
    for (name, awaited) in [
        ("abandoned", Some(verification(Some(1), day))),
        // Created where addresses need not be verified, so it may be in use.
        ("in-use", Some(verification(None, day))),
        // The shop's own, or verified.
        ("verified", None),
        ("asked-again", Some(verification(Some(1), now + Duration::days(31)))),
        // Used while the shop did not require verified addresses.
        ("signed-in", Some(verification(Some(1), day))),
        // Replaced by another sign-up, or signed out by the shop, and never used.
        ("signed-up-twice", Some(verification(Some(1), day))),
        ("signed-out-everywhere", Some(verification(Some(1), day))),
        ("disabled", Some(verification(Some(1), day))),
        // Verified in a session, which starts no epoch, by a browser that is no longer known.
        ("verified-later", Some(verification(Some(1), day))),
    ] {
        let new = world.new_customer(&format!("{name}@x.test"));
        world.customers.create(&new, awaited.as_ref(), None).await.unwrap();
        match name {
            "signed-in" => {
                let expires_at = now + Duration::days(365);
                let (customer, browser) = (new.customer.id, BrowserHash::from_bytes(random()));
                let known = KnownBrowser { customer, browser, epoch: new.customer.epoch, expires_at };
                world.browsers.remember(&known).await.unwrap();
            }
            "verified-later" => {
                let (id, hash) = (new.customer.id, awaited.unwrap().hash);
                world.customers.verify_email(id, hash, now, Verifying::InSession).await.unwrap().unwrap();
            }
            "signed-up-twice" => {
                let again = verification(Some(2), day);
                let mail = mail_to(&new, now);
                assert!(world.customers.replace_unverified(&new, &again, &mail).await.unwrap());
            }
            "disabled" => drop(world.customers.set_disabled(new.customer.id, true, now).await.unwrap()),
            "signed-out-everywhere" => drop(world.customers.start_epoch(new.customer.id, None).await.unwrap()),
            _ => {}
        }
    }
    let abandoned = AbandonedAccounts { customers: world.customers.clone(), clock: world.clock.clone() };
    let left = async || {
        let mut left = Vec::new();
        for name in [
            "abandoned",
            "in-use",
            "verified",
            "asked-again",
            "signed-in",
            "signed-up-twice",
            "signed-out-everywhere",
            "disabled",
            "verified-later",
        ] {
            if world.customers.find_by_email(&email(&format!("{name}@x.test"))).await.unwrap().is_some() {
                left.push(name);
            }
        }
        left
    };
    world.clock.advance(Duration::days(30) - Duration::SECOND);
    abandoned.remove().await.unwrap();
    assert_eq!(left().await.len(), 9, "it is not yet thirty days");
    world.clock.advance(Duration::SECOND);
    abandoned.remove().await.unwrap();
    assert_eq!(left().await, ["in-use", "verified", "asked-again", "signed-in", "disabled", "verified-later"]);
    world.clock.advance(Duration::days(2));
    abandoned.remove().await.unwrap();
    assert_eq!(left().await, ["in-use", "verified", "signed-in", "disabled", "verified-later"]);
}
