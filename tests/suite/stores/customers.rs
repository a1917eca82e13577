//! The contract of customer stores.

use std::time::{Duration as StdDuration, Instant};

use doorstep::{
    accounts::{
        LinkHash, LinkId, TicketHash,
        ports::{AddressError, Credentials, PasswordChange, PasswordHash, Reset, Verification, Verifying},
    },
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Language, Role},
};
use time::Duration;
use tokio::task::JoinSet;

use super::{
    harness::{World, random},
    outbox::{mail_to, take, take_all},
};

store_contract![
    n2_a2_credentials_read_before_a_credential_event_cannot_change_the_password,
    a_customer_is_found_by_id_and_by_address_as_they_were_created,
    a_customer_who_was_not_created_is_not_found,
    a_customer_has_a_role_and_an_unknown_id_has_none,
    r1_fifty_sign_ups_of_one_address_at_once_make_one_customer,
    one_address_is_one_customer_and_the_first_one_stays,
    s3_a_hash_is_replaced_and_nothing_else,
    s3_a_hash_that_was_changed_meanwhile_stays,
    an_unverified_customer_is_stored_as_unverified_with_the_pending_verification,
    a_new_customer_and_their_mail_are_written_together_or_neither_is,
    r3_an_unverified_customer_is_replaced_and_a_verified_one_stays,
    a_renewed_verification_keeps_whose_ticket_it_is,
    v2_an_address_is_verified_once_and_only_while_it_is_awaited,
    r3_a_verification_elsewhere_replaces_the_password_that_was_chosen_before,
    n29_a_change_and_a_reset_of_the_password_are_times_at_which_it_was_changed,
    v2_a_reset_is_used_once_and_only_while_it_is_allowed,
    v7_a_newer_reset_or_a_new_password_voids_the_older,
    a_customer_is_written_to_in_the_language_that_they_chose_last,
    a_customer_is_disabled_and_enabled_and_nothing_else_of_them_changes,
    t9_a_disabled_customer_has_no_role_even_after_a_new_password,
    a_role_is_changed_and_nothing_else,
    customers_are_listed_by_their_ids_a_page_at_a_time,
    an_available_store_answers_a_ping,
    no_answer_reaches_another_when_requests_are_cancelled,
];

async fn a_customer_is_found_by_id_and_by_address_as_they_were_created(world: &World) {
    let ada = world.new_customer("ada@x.test");
    world.customers.create(&ada, None, None).await.unwrap();
    world.customers.create(&world.new_customer("bob@x.test"), None, None).await.unwrap();

    assert_eq!(world.customers.find(ada.customer.id).await.unwrap().unwrap(), ada.customer);
    let found = find(world, "ada@x.test").await.unwrap();
    assert_eq!(found.customer, ada.customer);
    assert_eq!(found.password, ada.password);
}

async fn a_customer_is_written_to_in_the_language_that_they_chose_last(world: &World) {
    let mut ada = world.new_customer("ada@x.test");
    ada.customer.language = None;
    world.customers.create(&ada, None, None).await.unwrap();
    for language in [None, Some(Language::Indonesian), Some(Language::English)] {
        if let Some(language) = language {
            world.customers.set_language(ada.customer.id, language).await.unwrap();
        }
        let found = world.customers.find(ada.customer.id).await.unwrap().unwrap();
        assert_eq!(found, Customer { language, ..ada.customer.clone() });
        assert_eq!(find(world, "ada@x.test").await.unwrap().customer, found);
    }
    let nobody = CustomerId::from_bytes(random());
    world.customers.set_language(nobody, Language::Indonesian).await.unwrap();
    assert!(world.customers.find(nobody).await.unwrap().is_none());
}

async fn a_customer_is_disabled_and_enabled_and_nothing_else_of_them_changes(world: &World) {
    let (ada, mut bob) = (world.new_customer("ada@x.test"), world.new_customer("bob@x.test"));
    bob.customer.disabled = true;
    world.customers.create(&ada, None, None).await.unwrap();
    world.customers.create(&bob, None, None).await.unwrap();
    for (step, disabled) in (0..).zip([true, true, false]) {
        world.clock.advance(Duration::MINUTE);
        // Caches the customer first.
        world.customers.find(ada.customer.id).await.unwrap();
        assert!(world.customers.set_disabled(ada.customer.id, disabled, world.now()).await.unwrap());
        let epoch = CredentialEpoch::new(if step < 2 { step + 1 } else { 2 });
        let expected = Customer { disabled, epoch, updated_at: world.now(), ..ada.customer.clone() };
        assert_eq!(world.customers.find(ada.customer.id).await.unwrap(), Some(expected.clone()));
        assert_eq!(world.customers.find_by_email(&ada.customer.email).await.unwrap(), Some(expected.clone()));
        let found = find(world, "ada@x.test").await.unwrap();
        assert_eq!((found.customer, found.password), (expected, ada.password.clone()));
    }
    assert_eq!(world.customers.find(bob.customer.id).await.unwrap(), Some(bob.customer), "as he was created");
    assert!(!world.customers.set_disabled(CustomerId::from_bytes(random()), true, world.now()).await.unwrap());
}

async fn t9_a_disabled_customer_has_no_role_even_after_a_new_password(world: &World) {
    let ada = world.new_customer("ada@x.test");
    let id = ada.customer.id;
    world.customers.create(&ada, None, None).await.unwrap();
    assert_eq!(role(world, id).await, Some(Role::Customer));
    world.customers.set_disabled(id, true, world.now()).await.unwrap();
    let is_out = async || loses_role(world, id).await;
    assert!(is_out().await);

    assert!(change_password(world, "ada@x.test", "$2b$12$changed").await);
    let hash = allow_reset(world, &ada, 1).await;
    assert!(reset(world, &ada, hash, "$2b$12$reset").await);
    world.customers.set_role(id, Role::Admin, world.now()).await.unwrap();
    assert!(is_out().await && world.customers.find(id).await.unwrap().unwrap().disabled);

    world.customers.set_disabled(id, false, world.now()).await.unwrap();
    assert_eq!(role(world, id).await, Some(Role::Admin));
}

async fn role(world: &World, id: CustomerId) -> Option<Role> {
    world.customers.standing(id).await.unwrap().map(|standing| standing.role)
}

async fn n2_a2_credentials_read_before_a_credential_event_cannot_change_the_password(world: &World) {
    let ada = world.new_customer("ada@x.test");
    world.customers.create(&ada, None, None).await.unwrap();
    let Credentials { customer: Customer { id, epoch, .. }, password: old } = find(world, "ada@x.test").await.unwrap();
    let next = world.customers.start_epoch(id, Some(epoch)).await.unwrap().unwrap();
    assert_eq!(world.customers.start_epoch(id, Some(epoch)).await.unwrap(), None, "that epoch is over");
    let new = PasswordHash::new("$2b$12$other".to_owned());
    // The password is the same as before, but the event happened.
    let late = PasswordChange { customer: id, epoch, old: &old, new: &new, now: world.now() };
    assert!(!world.customers.change_password(&late, None).await.unwrap());
    assert_eq!(find(world, "ada@x.test").await.unwrap().password, old);
    assert!(world.customers.change_password(&PasswordChange { epoch: next, ..late }, None).await.unwrap());
}

/// Changes the current password to one with this hash.
async fn change_password(world: &World, email: &str, new: &str) -> bool {
    let Credentials { customer, password } = find(world, email).await.unwrap();
    let new = PasswordHash::new(new.to_owned());
    let change =
        PasswordChange { customer: customer.id, epoch: customer.epoch, old: &password, new: &new, now: world.now() };
    world.customers.change_password(&change, None).await.unwrap()
}

/// Returns true if the customer loses the role within the second that a store may take to notice.
async fn loses_role(world: &World, id: CustomerId) -> bool {
    let started = Instant::now();
    while role(world, id).await.is_some() {
        if started.elapsed() > StdDuration::from_secs(20) {
            return false;
        }
        tokio::task::yield_now().await;
    }
    true
}

async fn a_role_is_changed_and_nothing_else(world: &World) {
    let ada = world.new_customer("ada@x.test");
    world.customers.create(&ada, None, None).await.unwrap();
    for role in [Role::Admin, Role::Customer] {
        world.clock.advance(Duration::MINUTE);
        world.customers.find(ada.customer.id).await.unwrap();
        assert!(world.customers.set_role(ada.customer.id, role, world.now()).await.unwrap());
        let expected = Customer { role, updated_at: world.now(), ..ada.customer.clone() };
        assert_eq!(world.customers.find(ada.customer.id).await.unwrap(), Some(expected.clone()));
        assert_eq!(find(world, "ada@x.test").await.unwrap().customer, expected);
    }
    assert!(!world.customers.set_role(CustomerId::from_bytes(random()), Role::Admin, world.now()).await.unwrap());
}

async fn customers_are_listed_by_their_ids_a_page_at_a_time(world: &World) {
    assert!(world.customers.list(None, 10).await.unwrap().is_empty());
    let mut created = Vec::new();
    for number in 0..7 {
        let new = world.new_customer(&format!("{number}@x.test"));
        world.customers.create(&new, None, None).await.unwrap();
        created.push(new.customer);
    }
    created.sort_by_key(|customer| customer.id);
    assert_eq!(world.customers.list(None, 100).await.unwrap(), created);
    let mut paged: Vec<Customer> = Vec::new();
    for length in [3, 3, 1, 0] {
        let page = world.customers.list(paged.last().map(|last| last.id), 3).await.unwrap();
        assert_eq!(page.len(), length);
        paged.extend(page);
    }
    assert_eq!(paged, created);
    // The id itself need not exist.
    let after = world.customers.list(Some(CustomerId::from_bytes([0xff; 12])), 3).await.unwrap();
    assert!(after.is_empty() && world.customers.list(None, 0).await.unwrap().is_empty());
}

async fn a_customer_who_was_not_created_is_not_found(world: &World) {
    world.customers.create(&world.new_customer("ada@x.test"), None, None).await.unwrap();
    assert!(world.customers.find(CustomerId::from_bytes(random())).await.unwrap().is_none());
    assert!(find(world, "ad@x.test").await.is_none());
    assert!(find(world, "a.a@x.test").await.is_none());
}

async fn a_customer_has_a_role_and_an_unknown_id_has_none(world: &World) {
    let mut ada = world.new_customer("ada@x.test");
    ada.customer.role = Role::Admin;
    let bob = world.new_customer("bob@x.test");
    // A missing customer is not cached.
    assert_eq!(role(world, ada.customer.id).await, None);
    world.customers.create(&ada, None, None).await.unwrap();
    world.customers.create(&bob, None, None).await.unwrap();
    for _ in 0..2 {
        assert_eq!(role(world, ada.customer.id).await, Some(Role::Admin));
        assert_eq!(role(world, bob.customer.id).await, Some(Role::Customer));
    }
}

async fn r1_fifty_sign_ups_of_one_address_at_once_make_one_customer(world: &World) {
    let mut attempts = JoinSet::new();
    for _ in 0..50 {
        let (customers, new) = (world.customers.clone(), world.new_customer("ada@x.test"));
        attempts.spawn(async move { (new.customer.id, customers.create(&new, None, None).await) });
    }
    let mut created = Vec::new();
    for (id, result) in attempts.join_all().await {
        match result {
            Ok(()) => created.push(id),
            Err(error) => assert!(matches!(error, AddressError::EmailTaken), "{error:?}"),
        }
    }
    assert_eq!(created.len(), 1);
    assert_eq!(find(world, "ada@x.test").await.unwrap().customer.id, created[0]);
}

async fn one_address_is_one_customer_and_the_first_one_stays(world: &World) {
    let first = world.new_customer("ada@x.test");
    world.customers.create(&first, None, None).await.unwrap();
    let second = world.new_customer("ada@x.test");
    assert!(matches!(world.customers.create(&second, None, None).await, Err(AddressError::EmailTaken)));
    assert!(world.customers.find(second.customer.id).await.unwrap().is_none());
    assert_eq!(find(world, "ada@x.test").await.unwrap().customer, first.customer);
}

async fn s3_a_hash_is_replaced_and_nothing_else(world: &World) {
    let ada = world.new_customer("ada@x.test");
    let bob = world.new_customer("bob@x.test");
    world.customers.create(&ada, None, None).await.unwrap();
    world.customers.create(&bob, None, None).await.unwrap();
    assert_eq!(world.customers.find(ada.customer.id).await.unwrap(), Some(ada.customer.clone()));
    world.clock.advance(Duration::DAY);
    let new = PasswordHash::new("$2b$12$second".to_owned());
    assert!(world.customers.rehash_password(ada.customer.id, &ada.password, &new, world.now()).await.unwrap());

    let found = find(world, "ada@x.test").await.unwrap();
    assert_eq!(found.password, new);
    assert_eq!(found.customer, Customer { updated_at: world.now(), ..ada.customer.clone() });
    assert_eq!(world.customers.find(ada.customer.id).await.unwrap(), Some(found.customer));
    assert_eq!(find(world, "bob@x.test").await.unwrap().password, bob.password);
}

async fn s3_a_hash_that_was_changed_meanwhile_stays(world: &World) {
    let ada = world.new_customer("ada@x.test");
    world.customers.create(&ada, None, None).await.unwrap();
    let [read, new] = ["$2b$12$read earlier", "$2b$12$second"].map(|hash| PasswordHash::new(hash.to_owned()));
    let later = world.now() + Duration::DAY;
    assert!(!world.customers.rehash_password(ada.customer.id, &read, &new, later).await.unwrap());

    let found = find(world, "ada@x.test").await.unwrap();
    assert_eq!(found.password, ada.password);
    assert_eq!(found.customer, ada.customer);
}

async fn allow_reset(world: &World, ada: &Credentials, id: u8) -> LinkHash {
    let hash = LinkId::from_bytes([id; 16]).hash();
    let reset = Reset { hash, expires_at: world.now() + Duration::MINUTE };
    world.customers.allow_reset(ada.customer.id, &reset, &mail_to(ada, world.now())).await.unwrap();
    hash
}

async fn reset(world: &World, ada: &Credentials, hash: LinkHash, new: &str) -> bool {
    let (id, new) = (ada.customer.id, PasswordHash::new(new.to_owned()));
    let mail = mail_to(ada, world.now());
    let may = world.customers.may_reset(id, hash, world.now()).await.unwrap();
    let done = world.customers.reset_password(id, hash, &new, world.now(), Some(&mail)).await.unwrap();
    assert_eq!(may, done.is_some());
    done.is_some()
}

async fn mails(world: &World) -> usize {
    take_all(world).await.len()
}

async fn n29_a_change_and_a_reset_of_the_password_are_times_at_which_it_was_changed(world: &World) {
    let ada = world.new_customer("ada@x.test");
    world.customers.create(&ada, None, None).await.unwrap();
    let changed_at = async || world.customers.find(ada.customer.id).await.unwrap().unwrap().password_changed_at;
    world.clock.advance(Duration::HOUR);
    assert!(change_password(world, "ada@x.test", "$2b$12$changed").await);
    assert_eq!(changed_at().await, Some(world.now()));
    world.clock.advance(Duration::HOUR);
    let hash = allow_reset(world, &ada, 1).await;
    assert!(reset(world, &ada, hash, "$2b$12$reset").await);
    assert_eq!(changed_at().await, Some(world.now()));
}

async fn v2_a_reset_is_used_once_and_only_while_it_is_allowed(world: &World) {
    let (ada, bob) = (world.new_customer("ada@x.test"), world.new_customer("bob@x.test"));
    world.customers.create(&ada, None, None).await.unwrap();
    world.customers.create(&bob, None, None).await.unwrap();
    assert!(!reset(world, &ada, LinkId::from_bytes([1; 16]).hash(), "$2b$12$none").await);
    let hash = allow_reset(world, &ada, 1).await;
    assert!(!reset(world, &bob, hash, "$2b$12$another's").await);
    assert!(reset(world, &ada, hash, "$2b$12$first").await);
    assert!(!reset(world, &ada, hash, "$2b$12$second").await);
    assert_eq!(find(world, "ada@x.test").await.unwrap().password.expose(), "$2b$12$first");
    assert_eq!(mails(world).await, 2, "one with the link, one that reports the new password");

    let hash = allow_reset(world, &ada, 2).await;
    world.clock.advance(Duration::MINUTE);
    assert!(!reset(world, &ada, hash, "$2b$12$late").await);
    assert_eq!(find(world, "bob@x.test").await.unwrap().password, bob.password);
}

async fn v7_a_newer_reset_or_a_new_password_voids_the_older(world: &World) {
    let ada = world.new_customer("ada@x.test");
    world.customers.create(&ada, None, None).await.unwrap();
    let (first, second) = (allow_reset(world, &ada, 1).await, allow_reset(world, &ada, 2).await);
    assert!(!reset(world, &ada, first, "$2b$12$first").await);
    assert!(change_password(world, "ada@x.test", "$2b$12$changed").await);
    assert!(!reset(world, &ada, second, "$2b$12$second").await);
    assert_eq!(find(world, "ada@x.test").await.unwrap().password.expose(), "$2b$12$changed");
}

/// Returns a customer with an unverified address, and the pending verification.
async fn unverified(world: &World, email: &str, ticket: Option<TicketHash>) -> (Credentials, Verification) {
    let mut new = world.new_customer(email);
    new.customer.verified = false;
    let verification = awaited(world, 1, ticket);
    world.customers.create(&new, Some(&verification), None).await.unwrap();
    (new, verification)
}

fn awaited(world: &World, id: u8, ticket: Option<TicketHash>) -> Verification {
    Verification { hash: LinkId::from_bytes([id; 16]).hash(), expires_at: world.now() + Duration::DAY, ticket }
}

async fn verify(world: &World, ada: &Credentials, hash: LinkHash) -> bool {
    let verified = world.customers.verify_email(ada.customer.id, hash, world.now(), Verifying::InSession);
    verified.await.unwrap().is_some()
}

async fn an_unverified_customer_is_stored_as_unverified_with_the_pending_verification(world: &World) {
    for (email, ticket) in [("ada@x.test", None), ("bob@x.test", Some(TicketHash::from_bytes([7; 32])))] {
        let (new, verification) = unverified(world, email, ticket).await;
        assert_eq!(world.customers.find(new.customer.id).await.unwrap(), Some(new.customer.clone()));
        let found = world.customers.find_by_email(&new.customer.email).await.unwrap();
        assert_eq!(found, Some(new.customer.clone()));
        assert_eq!(find(world, email).await.unwrap().customer, new.customer);
        assert_eq!(world.customers.address(new.customer.id).await.unwrap().verification, Some(verification));
    }
    let zoe = world.new_customer("zoe@x.test");
    world.customers.create(&zoe, None, None).await.unwrap();
    assert_eq!(world.customers.address(zoe.customer.id).await.unwrap().verification, None);
    assert_eq!(world.customers.address(CustomerId::from_bytes(random())).await.unwrap().verification, None);
}

async fn a_new_customer_and_their_mail_are_written_together_or_neither_is(world: &World) {
    let (ada, eve) = (world.new_customer("ada@x.test"), world.new_customer("ada@x.test"));
    let (mail, unsent) = (mail_to(&ada, world.now()), mail_to(&eve, world.now()));
    world.customers.create(&ada, None, Some(&mail)).await.unwrap();
    assert!(world.customers.create(&eve, None, Some(&unsent)).await.is_err());
    assert_eq!(take(world).await.unwrap().mail, mail);
    assert_eq!(take(world).await, None);
}

async fn r3_an_unverified_customer_is_replaced_and_a_verified_one_stays(world: &World) {
    let (ada, first) = unverified(world, "ada@x.test", Some(TicketHash::from_bytes([1; 32]))).await;
    let mut anew = world.new_customer("ada@x.test");
    anew.customer.id = ada.customer.id;
    anew.customer.verified = false;
    anew.password = PasswordHash::new("$2b$12$anew".to_owned());
    let (second, mail) = (awaited(world, 2, Some(TicketHash::from_bytes([2; 32]))), mail_to(&ada, world.now()));
    // Caches the customer first.
    world.customers.find(ada.customer.id).await.unwrap();
    assert!(world.customers.replace_unverified(&anew, &second, &mail).await.unwrap());
    let found = find(world, "ada@x.test").await.unwrap();
    anew.customer.epoch = CredentialEpoch::new(1);
    assert_eq!((found.customer, found.password), (anew.customer.clone(), anew.password.clone()));
    assert_eq!(world.customers.find(ada.customer.id).await.unwrap(), Some(anew.customer.clone()));
    assert_eq!(take(world).await.unwrap().mail, mail);

    // One that was created without a ticket may be in use.
    let (bob, other) = unverified(world, "bob@x.test", None).await;
    assert!(!world.customers.replace_unverified(&bob, &second, &mail_to(&bob, world.now())).await.unwrap());
    assert_eq!(world.customers.address(bob.customer.id).await.unwrap().verification, Some(other));

    assert!(!verify(world, &ada, first.hash).await);
    assert!(verify(world, &ada, second.hash).await);
    assert!(!world.customers.replace_unverified(&ada, &first, &mail_to(&ada, world.now())).await.unwrap());
    assert_eq!(find(world, "ada@x.test").await.unwrap().password, anew.password);
    assert_eq!(take(world).await, None);
}

async fn a_renewed_verification_keeps_whose_ticket_it_is(world: &World) {
    let ticket = Some(TicketHash::from_bytes([7; 32]));
    let (ada, first) = unverified(world, "ada@x.test", ticket).await;
    let (second, mail) = (awaited(world, 2, None), mail_to(&ada, world.now()));
    let renew = async || {
        let renewed = world.customers.renew_verification(ada.customer.id, second.hash, second.expires_at, &mail);
        renewed.await.unwrap();
    };
    renew().await;
    let stored = world.customers.address(ada.customer.id).await.unwrap().verification;
    assert_eq!(stored, Some(Verification { ticket, ..second }));
    assert_eq!(take(world).await.unwrap().mail, mail);
    assert!(!verify(world, &ada, first.hash).await);
    assert!(verify(world, &ada, second.hash).await);
    world.outbox.remove(std::slice::from_ref(&mail)).await.unwrap();
    renew().await;
    assert_eq!(world.customers.address(ada.customer.id).await.unwrap().verification, None);
    assert_eq!(take(world).await, None);
}

async fn v2_an_address_is_verified_once_and_only_while_it_is_awaited(world: &World) {
    let (ada, verification) = unverified(world, "ada@x.test", None).await;
    let (bob, _) = unverified(world, "bob@x.test", None).await;
    let other = LinkId::from_bytes([9; 16]).hash();
    assert!(!verify(world, &ada, other).await);
    world.customers.find(ada.customer.id).await.unwrap();
    world.clock.advance(Duration::DAY - Duration::MILLISECOND);
    let now = world.now();
    assert!(verify(world, &ada, verification.hash).await);
    assert!(!verify(world, &ada, verification.hash).await);
    let found = world.customers.find(ada.customer.id).await.unwrap().unwrap();
    assert_eq!(found, Customer { verified: true, updated_at: now, ..ada.customer.clone() });
    assert_eq!(find(world, "ada@x.test").await.unwrap().password, ada.password);
    world.clock.advance(Duration::MILLISECOND);
    assert!(!verify(world, &bob, verification.hash).await, "it has expired");
}

async fn r3_a_verification_elsewhere_replaces_the_password_that_was_chosen_before(world: &World) {
    let (ada, verification) = unverified(world, "ada@x.test", None).await;
    let reset = Reset { hash: LinkId::from_bytes([3; 16]).hash(), expires_at: world.now() + Duration::HOUR };
    let password = PasswordHash::new("$2b$12$nobodys".to_owned());
    let anew = Verifying::Elsewhere { password: &password, reset: &reset };
    let verified = world.customers.verify_email(ada.customer.id, verification.hash, world.now(), anew);
    assert_eq!(verified.await.unwrap(), Some(CredentialEpoch::new(1)));
    assert_eq!(find(world, "ada@x.test").await.unwrap().password, password);
    assert!(world.customers.may_reset(ada.customer.id, reset.hash, world.now()).await.unwrap());
}

async fn an_available_store_answers_a_ping(world: &World) {
    world.customers.ping().await.unwrap();
    world.sessions.ping().await.unwrap();
}

async fn no_answer_reaches_another_when_requests_are_cancelled(world: &World) {
    let mut customers = Vec::new();
    for number in 0..20 {
        let new = world.new_customer(&format!("{number}@x.test"));
        world.customers.create(&new, None, None).await.unwrap();
        customers.push(new.customer);
    }
    let mut requests = JoinSet::new();
    for number in 0..10_000 {
        // In batches, so that the remaining requests are answered in time.
        if requests.len() == 300 {
            requests.join_next().await.unwrap().unwrap();
        }
        let (store, customer) = (world.customers.clone(), customers[number % 20].clone());
        requests.spawn(async move {
            let limit = if number % 3 == 0 { 10_000_000 } else { number as u64 % 300 };
            match tokio::time::timeout(StdDuration::from_micros(limit), store.find(customer.id)).await {
                Ok(found) => assert_eq!(found.unwrap(), Some(customer)),
                Err(_cancelled) => assert_ne!(number % 3, 0),
            }
        });
    }
    requests.join_all().await;
}

async fn find(world: &World, email: &str) -> Option<Credentials> {
    world.customers.find_credentials(&EmailAddress::parse(email).unwrap()).await.unwrap()
}
