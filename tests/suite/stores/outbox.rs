//! The contract of outboxes.

use std::sync::Arc;

use doorstep::{
    accounts::{
        Client, Device, Mail, MailId, MailKind,
        ports::{Credentials, Lease, PasswordChange, PasswordHash, TakenMail},
    },
    domain::{Customer, CustomerId, Language},
};
use time::{Duration, OffsetDateTime};
use tokio::{sync::Barrier, task::JoinSet};

use super::harness::{World, random};

store_contract![
    a_mail_is_taken_as_it_was_written,
    of_50_workers_at_once_only_one_takes_each_mail,
    the_mail_that_has_been_due_the_longest_comes_first,
    the_mail_that_was_written_last_is_read_first_whether_it_is_due_or_not,
    a_mail_that_was_taken_is_due_again_after_its_lease,
    a_mail_that_was_put_off_is_due_then,
    a_mail_that_was_put_off_by_a_clock_that_was_ahead_is_due_once_the_clock_is_corrected,
    mails_that_were_removed_are_gone_and_removing_them_again_is_no_error,
    a_new_password_and_its_mail_are_written_together_or_neither_is,
    an_unknown_customer_gets_no_mail,
];

const LEASE: Duration = Duration::minutes(5);

async fn customer(world: &World, email: &str) -> Credentials {
    let new = world.new_customer(email);
    world.customers.create(&new, None, None).await.unwrap();
    new
}

/// Returns a mail to this customer, written now.
pub fn mail_to(to: &Credentials, now: OffsetDateTime) -> Mail {
    let device = Device { browser: "Firefox".to_owned(), system: "Linux".to_owned() };
    Mail {
        id: MailId::from_bytes(random()),
        customer: to.customer.id,
        to: to.customer.email.clone(),
        name: Some(to.customer.name.clone()),
        letter: MailKind::NewDevice(Client {
            address: "203.0.113.7".parse().unwrap(),
            device,
            language: Some(Language::Indonesian),
        }),
        language: Language::Indonesian,
        written_at: now,
    }
}

async fn added(world: &World, to: &Credentials) -> Mail {
    let mail = mail_to(to, world.now());
    world.outbox.add(&mail).await.unwrap();
    mail
}

/// Returns a lease that starts now.
fn lease(world: &World) -> Lease {
    Lease { id: random(), until: world.now() + LEASE }
}

/// Takes all due mail.
pub async fn take_all(world: &World) -> Vec<TakenMail> {
    world.outbox.take(world.now(), lease(world), 100).await.unwrap()
}

/// Takes the only due mail, if there is one.
pub async fn take(world: &World) -> Option<TakenMail> {
    let mut taken = take_all(world).await;
    assert!(taken.len() <= 1, "{taken:?}");
    taken.pop()
}

async fn a_mail_is_taken_as_it_was_written(world: &World) {
    assert_eq!(take(world).await, None);
    let mail = added(world, &customer(world, "ada@x.test").await).await;
    assert_eq!(take(world).await, Some(TakenMail { mail, attempts: 1 }));
    assert_eq!(take(world).await, None);
}

async fn of_50_workers_at_once_only_one_takes_each_mail(world: &World) {
    let ada = customer(world, "ada@x.test").await;
    // Repeated, since the moment between a read and a write is short.
    for _ in 0..10 {
        let mut expected = Vec::new();
        for _ in 0..5 {
            expected.push(added(world, &ada).await.id.to_bytes());
        }
        let (mut postmen, start) = (JoinSet::new(), Arc::new(Barrier::new(50)));
        for _ in 0..50 {
            let (outbox, now, lease) = (world.outbox.clone(), world.now(), lease(world));
            let start = start.clone();
            postmen.spawn(async move {
                start.wait().await;
                outbox.take(now, lease, 3).await.unwrap()
            });
        }
        let taken = postmen.join_all().await.into_iter().flatten();
        let mut taken: Vec<_> = taken.map(|taken| taken.mail.id.to_bytes()).collect();
        taken.sort_unstable();
        expected.sort_unstable();
        assert_eq!(taken, expected);
    }
}

async fn the_mail_that_has_been_due_the_longest_comes_first(world: &World) {
    let (ada, bob) = (customer(world, "ada@x.test").await, customer(world, "bob@x.test").await);
    let first = added(world, &ada).await;
    world.clock.advance(Duration::SECOND);
    let second = added(world, &bob).await;
    world.clock.advance(Duration::SECOND);
    let third = added(world, &bob).await;
    let some = world.outbox.take(world.now(), lease(world), 1).await.unwrap();
    assert_eq!(some[0].mail, first);
    let rest: Vec<_> = take_all(world).await.into_iter().map(|taken| taken.mail).collect();
    assert_eq!(rest, [second, third]);
}

async fn the_mail_that_was_written_last_is_read_first_whether_it_is_due_or_not(world: &World) {
    assert_eq!(world.outbox.latest(2).await.unwrap(), []);
    let (ada, bob) = (customer(world, "ada@x.test").await, customer(world, "bob@x.test").await);
    let mut written = Vec::new();
    for to in [&ada, &bob, &ada] {
        world.clock.advance(Duration::SECOND);
        written.insert(0, added(world, to).await);
    }
    assert_eq!(world.outbox.latest(2).await.unwrap(), written[..2]);
    assert_eq!(take_all(world).await.len(), 3);
    assert_eq!(world.outbox.latest(4).await.unwrap(), written);
}

async fn a_mail_that_was_taken_is_due_again_after_its_lease(world: &World) {
    let mail = added(world, &customer(world, "ada@x.test").await).await;
    take(world).await.unwrap();
    world.clock.advance(LEASE - Duration::MILLISECOND);
    assert_eq!(take(world).await, None);
    world.clock.advance(Duration::MILLISECOND);
    assert_eq!(take(world).await, Some(TakenMail { mail, attempts: 2 }));
}

async fn a_mail_that_was_put_off_is_due_then(world: &World) {
    let ada = customer(world, "ada@x.test").await;
    let (mail, other) = (added(world, &ada).await, added(world, &ada).await);
    assert_eq!(take_all(world).await.len(), 2);
    world.outbox.put_off(&mail, world.now() + Duration::HOUR).await.unwrap();
    world.outbox.remove(&[other]).await.unwrap();
    world.clock.advance(Duration::HOUR - Duration::MILLISECOND);
    assert_eq!(take(world).await, None);
    world.clock.advance(Duration::MILLISECOND);
    assert_eq!(take(world).await, Some(TakenMail { mail, attempts: 2 }));
}

async fn a_mail_that_was_put_off_by_a_clock_that_was_ahead_is_due_once_the_clock_is_corrected(world: &World) {
    let ada = customer(world, "ada@x.test").await;
    let put_off = added(world, &ada).await;
    assert_eq!(take_all(world).await.len(), 1);
    world.clock.advance(365 * Duration::DAY);
    world.outbox.put_off(&put_off, world.now() + Duration::HOUR).await.unwrap();
    world.clock.advance(Duration::MINUTE);
    let written_ahead = added(world, &ada).await;
    world.clock.advance(-365 * Duration::DAY);
    let mut taken: Vec<_> = take_all(world).await.into_iter().map(|taken| taken.mail).collect();
    taken.sort_by_key(|mail| mail.written_at);
    assert_eq!(taken, [put_off, written_ahead]);
    assert_eq!(take(world).await, None, "they are leased");
}

async fn mails_that_were_removed_are_gone_and_removing_them_again_is_no_error(world: &World) {
    let (ada, bob) = (customer(world, "ada@x.test").await, customer(world, "bob@x.test").await);
    let gone = [added(world, &ada).await, added(world, &ada).await, added(world, &bob).await];
    let adas = added(world, &ada).await;
    world.clock.advance(Duration::MILLISECOND);
    let others = [adas, added(world, &bob).await];
    for _ in 0..2 {
        world.outbox.remove(&gone).await.unwrap();
    }
    world.outbox.remove(&[]).await.unwrap();
    let left: Vec<_> = take_all(world).await.into_iter().map(|taken| taken.mail).collect();
    assert_eq!(left, others);
    world.outbox.remove(&others).await.unwrap();
    world.clock.advance(Duration::DAY);
    assert_eq!(take(world).await, None);
}

async fn a_new_password_and_its_mail_are_written_together_or_neither_is(world: &World) {
    let ada = customer(world, "ada@x.test").await;
    let (mail, unsent) = (mail_to(&ada, world.now()), mail_to(&ada, world.now()));
    let new = PasswordHash::new("$2b$12$new".to_owned());
    let replace = async |mail: &Mail| {
        let Customer { id, epoch, .. } = ada.customer;
        let change = PasswordChange { customer: id, epoch, old: &ada.password, new: &new, now: world.now() };
        world.customers.change_password(&change, Some(mail)).await.unwrap()
    };
    assert!(replace(&mail).await);
    assert!(!replace(&unsent).await, "the old hash is not what is stored");
    assert_eq!(take(world).await.unwrap().mail, mail);
    assert_eq!(take(world).await, None);
}

async fn an_unknown_customer_gets_no_mail(world: &World) {
    let mut nobody = world.new_customer("ada@x.test");
    nobody.customer.id = CustomerId::from_bytes(random());
    added(world, &nobody).await;
    assert_eq!(take(world).await, None);
}
