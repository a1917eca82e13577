//! What every store of customers promises.

use std::time::Duration as StdDuration;

use doorstep::{
    accounts::{
        LinkHash, LinkId,
        ports::{CreateCustomerError, Credentials, PasswordHash, Reset},
    },
    domain::{CustomerId, EmailAddress, Role},
};
use time::Duration;
use tokio::task::JoinSet;

use super::{
    harness::{World, random},
    outbox::mail_to,
};

store_contract![
    a_customer_is_found_by_id_and_by_address_as_they_were_created,
    nobody_is_found_who_was_not_created,
    a_customer_has_a_role_and_nobody_has_none,
    r1_fifty_sign_ups_of_one_address_at_once_make_one_customer,
    one_address_is_one_customer_and_the_first_one_stays,
    s3_a_hash_is_replaced_and_nothing_else,
    s3_a_hash_that_was_changed_meanwhile_stays,
    v2_a_reset_is_used_once_and_only_while_it_is_allowed,
    v7_a_newer_reset_or_a_new_password_voids_the_older,
    a_store_that_is_there_answers,
    no_answer_reaches_another_when_requests_are_cancelled,
];

async fn a_customer_is_found_by_id_and_by_address_as_they_were_created(world: &World) {
    let ada = world.new_customer("ada@x.test");
    world.customers.create(&ada).await.unwrap();
    world.customers.create(&world.new_customer("bob@x.test")).await.unwrap();

    assert_eq!(world.customers.find(ada.customer.id).await.unwrap().unwrap(), ada.customer);
    let found = find(world, "ada@x.test").await.unwrap();
    assert_eq!(found.customer, ada.customer);
    assert_eq!(found.password, ada.password);
}

async fn nobody_is_found_who_was_not_created(world: &World) {
    world.customers.create(&world.new_customer("ada@x.test")).await.unwrap();
    assert!(world.customers.find(CustomerId::from_bytes(random())).await.unwrap().is_none());
    assert!(find(world, "ad@x.test").await.is_none());
    assert!(find(world, "a.a@x.test").await.is_none());
}

async fn a_customer_has_a_role_and_nobody_has_none(world: &World) {
    let mut ada = world.new_customer("ada@x.test");
    ada.customer.role = Role::Admin;
    let bob = world.new_customer("bob@x.test");
    // Nobody is remembered as nobody.
    assert_eq!(world.customers.role(ada.customer.id).await.unwrap(), None);
    world.customers.create(&ada).await.unwrap();
    world.customers.create(&bob).await.unwrap();
    for _ in 0..2 {
        assert_eq!(world.customers.role(ada.customer.id).await.unwrap(), Some(Role::Admin));
        assert_eq!(world.customers.role(bob.customer.id).await.unwrap(), Some(Role::Customer));
    }
}

async fn r1_fifty_sign_ups_of_one_address_at_once_make_one_customer(world: &World) {
    let mut attempts = JoinSet::new();
    for _ in 0..50 {
        let (customers, new) = (world.customers.clone(), world.new_customer("ada@x.test"));
        attempts.spawn(async move { (new.customer.id, customers.create(&new).await) });
    }
    let mut created = Vec::new();
    for (id, result) in attempts.join_all().await {
        match result {
            Ok(()) => created.push(id),
            Err(error) => assert!(matches!(error, CreateCustomerError::EmailTaken), "{error:?}"),
        }
    }
    assert_eq!(created.len(), 1);
    assert_eq!(find(world, "ada@x.test").await.unwrap().customer.id, created[0]);
}

async fn one_address_is_one_customer_and_the_first_one_stays(world: &World) {
    let first = world.new_customer("ada@x.test");
    world.customers.create(&first).await.unwrap();
    let second = world.new_customer("ada@x.test");
    assert!(matches!(world.customers.create(&second).await, Err(CreateCustomerError::EmailTaken)));
    assert!(world.customers.find(second.customer.id).await.unwrap().is_none());
    assert_eq!(find(world, "ada@x.test").await.unwrap().customer, first.customer);
}

async fn s3_a_hash_is_replaced_and_nothing_else(world: &World) {
    let ada = world.new_customer("ada@x.test");
    let bob = world.new_customer("bob@x.test");
    world.customers.create(&ada).await.unwrap();
    world.customers.create(&bob).await.unwrap();
    assert_eq!(world.customers.find(ada.customer.id).await.unwrap(), Some(ada.customer.clone()));
    world.clock.advance(Duration::DAY);
    let new = PasswordHash::new("$2b$12$second".to_owned());
    assert!(world.customers.replace_password(ada.customer.id, &ada.password, &new, world.now(), None).await.unwrap());

    let found = find(world, "ada@x.test").await.unwrap();
    assert_eq!(found.password, new);
    assert_eq!(found.customer.updated_at, world.now());
    assert_eq!(world.customers.find(ada.customer.id).await.unwrap().as_ref(), Some(&found.customer));
    assert_eq!(found.customer.created_at, ada.customer.created_at);
    assert_eq!(found.customer.name, ada.customer.name);
    assert_eq!(find(world, "bob@x.test").await.unwrap().password, bob.password);
}

async fn s3_a_hash_that_was_changed_meanwhile_stays(world: &World) {
    let ada = world.new_customer("ada@x.test");
    world.customers.create(&ada).await.unwrap();
    let [read, new] = ["$2b$12$read earlier", "$2b$12$second"].map(|hash| PasswordHash::new(hash.to_owned()));
    world.customers.replace_password(ada.customer.id, &read, &new, world.now() + Duration::DAY, None).await.unwrap();

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
    assert_eq!(may, done);
    done
}

async fn mails(world: &World) -> usize {
    let mut count = 0;
    while world.outbox.take(world.now(), world.now() + Duration::DAY).await.unwrap().is_some() {
        count += 1;
    }
    count
}

async fn v2_a_reset_is_used_once_and_only_while_it_is_allowed(world: &World) {
    let (ada, bob) = (world.new_customer("ada@x.test"), world.new_customer("bob@x.test"));
    world.customers.create(&ada).await.unwrap();
    world.customers.create(&bob).await.unwrap();
    assert!(!reset(world, &ada, LinkId::from_bytes([1; 16]).hash(), "$2b$12$none").await);
    let hash = allow_reset(world, &ada, 1).await;
    assert!(!reset(world, &bob, hash, "$2b$12$another's").await);
    assert!(reset(world, &ada, hash, "$2b$12$first").await);
    assert!(!reset(world, &ada, hash, "$2b$12$second").await);
    assert_eq!(find(world, "ada@x.test").await.unwrap().password.expose(), "$2b$12$first");
    assert_eq!(mails(world).await, 2, "one with the link, one that tells of the new password");

    let hash = allow_reset(world, &ada, 2).await;
    world.clock.advance(Duration::MINUTE);
    assert!(!reset(world, &ada, hash, "$2b$12$late").await);
    assert_eq!(find(world, "bob@x.test").await.unwrap().password, bob.password);
}

async fn v7_a_newer_reset_or_a_new_password_voids_the_older(world: &World) {
    let ada = world.new_customer("ada@x.test");
    world.customers.create(&ada).await.unwrap();
    let (first, second) = (allow_reset(world, &ada, 1).await, allow_reset(world, &ada, 2).await);
    assert!(!reset(world, &ada, first, "$2b$12$first").await);
    let new = PasswordHash::new("$2b$12$changed".to_owned());
    world.customers.replace_password(ada.customer.id, &ada.password, &new, world.now(), None).await.unwrap();
    assert!(!reset(world, &ada, second, "$2b$12$second").await);
    assert_eq!(find(world, "ada@x.test").await.unwrap().password, new);
}

async fn a_store_that_is_there_answers(world: &World) {
    world.customers.ping().await.unwrap();
    world.sessions.ping().await.unwrap();
}

async fn no_answer_reaches_another_when_requests_are_cancelled(world: &World) {
    let mut customers = Vec::new();
    for number in 0..20 {
        let new = world.new_customer(&format!("{number}@x.test"));
        world.customers.create(&new).await.unwrap();
        customers.push(new.customer);
    }
    let mut requests = JoinSet::new();
    for number in 0..10_000 {
        // Not all at once: those that stay have to be answered in time.
        if requests.len() == 300 {
            requests.join_next().await.unwrap().unwrap();
        }
        let (store, customer) = (world.customers.clone(), customers[number % 20].clone());
        requests.spawn(async move {
            let patience = if number % 3 == 0 { 10_000_000 } else { number as u64 % 300 };
            match tokio::time::timeout(StdDuration::from_micros(patience), store.find(customer.id)).await {
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
