//! When the mail worker sends and retries, and what happens to sent mail.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use doorstep::{
    accounts::{
        Mail, MailWorker,
        ports::{Clock, Lease, Mailer, MailerError, Outbox, StoreError, StoreName, TakenMail},
    },
    adapters::randomness::SystemRandomness,
    domain::EmailAddress,
};
use time::{Duration, OffsetDateTime};
use tokio::sync::Notify;

use super::{lease, mailer};
use crate::{
    http::harness::App,
    stores::{harness::World, outbox::mail_to},
    support::FakeClock,
};

#[tokio::test]
async fn a_mail_is_tried_later_and_later_for_a_day_and_then_given_up() {
    let app = App::new().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (clock, outbox) = (app.clock.clone(), app.stores.outbox.clone());
    let mail_worker = MailWorker::new(clock, Arc::new(SystemRandomness), outbox, mailer(&format!("smtp://{nobody}")));
    let ada = World::embedded().await.new_customer("ada@x.test");
    app.stores.customers.create(&ada, None, None).await.unwrap();
    app.stores.outbox.add(&mail_to(&ada, app.clock.now())).await.unwrap();
    let mut tried_at = Vec::new();
    let start = app.clock.now();
    while app.clock.now() < start + Duration::hours(26) {
        if mail_worker.deliver_due().await.unwrap() {
            tried_at.push((app.clock.now() - start).whole_seconds());
        }
        app.clock.advance(10 * Duration::SECOND);
    }
    assert_eq!(tried_at[..6], [0, 10, 70, 370, 1270, 3070], "{tried_at:?}");
    assert!(tried_at.windows(2).all(|pair| pair[1] - pair[0] <= 3600), "{tried_at:?}");
    let last = *tried_at.last().unwrap();
    assert!((23 * 3600..=24 * 3600).contains(&last), "{tried_at:?}");
    let later = app.clock.now() + Duration::DAY;
    assert_eq!(app.stores.outbox.take(later, lease(later), 1).await.unwrap().pop(), None);
}

/// A mailer that takes the maximum time for each mail.
struct Slow {
    clock: Arc<FakeClock>,
    sent: AtomicUsize,
}

#[async_trait]
impl Mailer for Slow {
    async fn send(&self, _: &Mail) -> Result<(), MailerError> {
        self.clock.advance(Duration::minutes(13));
        self.sent.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[tokio::test]
async fn a_mail_with_too_little_time_left_in_its_lease_waits_until_the_lease_is_over() {
    let app = App::new().await;
    let slow = Arc::new(Slow { clock: app.clock.clone(), sent: AtomicUsize::new(0) });
    let mail_worker =
        MailWorker::new(app.clock.clone(), Arc::new(SystemRandomness), app.stores.outbox.clone(), slow.clone());
    let ada = World::embedded().await.new_customer("ada@x.test");
    app.stores.customers.create(&ada, None, None).await.unwrap();
    for _ in 0..3 {
        app.stores.outbox.add(&mail_to(&ada, app.clock.now())).await.unwrap();
    }
    // A mail that is started with less time left could be taken and sent by another instance too.
    for sent in 1..=3 {
        assert!(mail_worker.deliver_due().await.unwrap());
        assert_eq!(slow.sent.load(Ordering::SeqCst), sent);
        assert!(!mail_worker.deliver_due().await.unwrap(), "the rest is leased");
        app.clock.advance(Duration::minutes(2));
    }
    assert!(!mail_worker.deliver_due().await.unwrap());
}

/// A mailer that is slow for addresses that begin with "slow", until it is released.
#[derive(Default)]
struct SlowFor {
    go_on: Notify,
    begun: AtomicUsize,
}

#[async_trait]
impl Mailer for SlowFor {
    async fn send(&self, mail: &Mail) -> Result<(), MailerError> {
        if mail.to.as_str().starts_with("slow") {
            self.begun.fetch_add(1, Ordering::SeqCst);
            self.go_on.notified().await;
        }
        Ok(())
    }
}

/// An outbox in memory.
#[derive(Default)]
struct MemoryOutbox {
    due: Mutex<Vec<Mail>>,
    removed: Mutex<Vec<String>>,
}

#[async_trait]
impl Outbox for MemoryOutbox {
    async fn add(&self, mail: &Mail) -> Result<(), StoreError> {
        self.due.lock().unwrap().push(mail.clone());
        Ok(())
    }

    async fn take(&self, _: OffsetDateTime, _: Lease, most: usize) -> Result<Vec<TakenMail>, StoreError> {
        let mut due = self.due.lock().unwrap();
        let count = most.min(due.len());
        Ok(due.drain(..count).map(|mail| TakenMail { mail, attempts: 1 }).collect())
    }

    async fn latest(&self, _: usize) -> Result<Vec<Mail>, StoreError> {
        Ok(self.due.lock().unwrap().clone())
    }

    async fn put_off(&self, _: &Mail, _: OffsetDateTime) -> Result<(), StoreError> {
        Ok(())
    }

    async fn remove(&self, mails: &[Mail]) -> Result<(), StoreError> {
        self.removed.lock().unwrap().extend(mails.iter().map(|mail| mail.to.as_str().to_owned()));
        Ok(())
    }
}

#[tokio::test]
async fn n18_slow_mails_delay_no_other_and_only_a_limited_number_is_taken_at_once() {
    let ada = World::embedded().await.new_customer("ada@x.test");
    // From here on, time advances only while all tasks are idle.
    tokio::time::pause();
    let (clock, outbox, mailer) =
        (Arc::new(FakeClock::new()), Arc::new(MemoryOutbox::default()), Arc::new(SlowFor::default()));
    let mail_worker = MailWorker::new(clock.clone(), Arc::new(SystemRandomness), outbox.clone(), mailer.clone());
    let add = async |to: String| {
        let mail = Mail { to: EmailAddress::parse(&to).unwrap(), ..mail_to(&ada, clock.now()) };
        outbox.add(&mail).await.unwrap();
    };
    for number in 0..6 {
        add(format!("slow{number}@x.test")).await;
    }
    assert!(mail_worker.deliver_due().await.unwrap(), "slow mails are not waited for");
    add("quick@x.test".to_owned()).await;
    assert!(mail_worker.deliver_due().await.unwrap());
    assert_eq!(*outbox.removed.lock().unwrap(), ["quick@x.test"]);

    for number in 6..100 {
        add(format!("slow{number}@x.test")).await;
    }
    for _ in 0..40 {
        mail_worker.deliver_due().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    assert_eq!(mailer.begun.load(Ordering::SeqCst), 64);
    assert!(!mail_worker.deliver_due().await.unwrap(), "no more are taken");
    mailer.go_on.notify_waiters();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(outbox.removed.lock().unwrap().len(), 65);
    assert!(mail_worker.deliver_due().await.unwrap(), "more are taken now");
}

/// An outbox that fails the first removal. Nothing is sent until its result is known.
struct Stumbling {
    outbox: Arc<dyn Outbox>,
    stumbled: AtomicUsize,
    known: Notify,
}

#[async_trait]
impl Outbox for Stumbling {
    async fn add(&self, mail: &Mail) -> Result<(), StoreError> {
        self.outbox.add(mail).await
    }

    async fn take(&self, now: OffsetDateTime, lease: Lease, most: usize) -> Result<Vec<TakenMail>, StoreError> {
        self.outbox.take(now, lease, most).await
    }

    async fn latest(&self, most: usize) -> Result<Vec<Mail>, StoreError> {
        self.outbox.latest(most).await
    }

    async fn put_off(&self, mail: &Mail, due_at: OffsetDateTime) -> Result<(), StoreError> {
        self.outbox.put_off(mail, due_at).await
    }

    async fn remove(&self, mails: &[Mail]) -> Result<(), StoreError> {
        if self.stumbled.fetch_add(1, Ordering::SeqCst) == 0 {
            self.known.notify_waiters();
            return Err(StoreError::Unavailable {
                store: StoreName::MongoDb,
                source: "it is away for a moment".into(),
            });
        }
        self.outbox.remove(mails).await
    }
}

#[async_trait]
impl Mailer for Stumbling {
    async fn send(&self, mail: &Mail) -> Result<(), MailerError> {
        if mail.to.as_str() != "first@x.test" {
            self.known.notified().await;
        }
        Ok(())
    }
}

#[tokio::test]
async fn mail_that_was_sent_after_a_failure_of_the_store_is_removed_still() {
    let app = App::new().await;
    let place = World::embedded().await;
    for email in ["first@x.test", "second@x.test", "third@x.test"] {
        let new = place.new_customer(email);
        app.stores.customers.create(&new, None, None).await.unwrap();
        app.stores.outbox.add(&mail_to(&new, app.clock.now())).await.unwrap();
    }
    let outbox = app.stores.outbox.clone();
    let stumbling = Arc::new(Stumbling { outbox, stumbled: AtomicUsize::new(0), known: Notify::new() });
    let mail_worker = MailWorker::new(app.clock.clone(), Arc::new(SystemRandomness), stumbling.clone(), stumbling);
    mail_worker.deliver_due().await.unwrap_err();
    let left = app.stores.outbox.latest(3).await.unwrap();
    assert_eq!(left.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["first@x.test"]);
}
