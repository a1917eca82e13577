//! The postman: takes mail from the outbox and hands it to a mail server, in the background.
//!
//! Instances share the work. Whoever takes a mail has it for a while alone; should they die with it, another takes it
//! afterwards. A mail that is not taken off is tried again, later and later, for a day.

use std::{panic::AssertUnwindSafe, slice, sync::Arc, time::Duration};

use futures_util::{
    FutureExt,
    future::{join, join_all},
};
use time::OffsetDateTime;
use tokio::sync::{
    Semaphore,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use super::{
    Mail,
    ports::{Clock, Lease, Mailer, MailerError, Outbox, Randomness, StoreError, TakenMail},
};
use crate::telemetry::{metrics, panic_text};

/// For how long a mail that was taken is nobody else's. Longer than a mailer may need.
const LEASE: Duration = Duration::from_mins(5);

/// How long after an attempt the next one is made; the last of these from then on.
const PAUSES: [Duration; 6] = [
    Duration::from_secs(10),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_mins(30),
    Duration::from_hours(1),
];

/// How old a mail may get before it is given up.
const LONGEST: Duration = Duration::from_hours(24);

/// How many mails are taken at once.
const BATCH: usize = 32;

/// How many are sent at once, by an instance: few enough for any mail server.
const SENDING: usize = 4;

/// How long a mailer may need at most. What was taken and could not be begun that long before its lease ends waits for the end.
const LONGEST_SENDING: Duration = Duration::from_mins(3);

/// Sends what lies in the outbox.
pub struct Postman {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    outbox: Arc<dyn Outbox>,
    mailer: Arc<dyn Mailer>,
    /// A permission for each mail that may be sent at this moment, whoever took it.
    sending: Semaphore,
}

impl Postman {
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        outbox: Arc<dyn Outbox>,
        mailer: Arc<dyn Mailer>,
    ) -> Self {
        Self { clock, randomness, outbox, mailer, sending: Semaphore::new(SENDING) }
    }

    /// Takes what has been due the longest and tries to send it. Says whether there was any.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn deliver_due(&self) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut id = [0; 16];
        self.randomness.fill(&mut id);
        let lease = Lease { id, until: now + LEASE };
        let taken = self.outbox.take(now, lease, BATCH).await?;
        if taken.is_empty() {
            return Ok(false);
        }
        let (sent, noted) = unbounded_channel();
        let deliver = taken.into_iter().map(|taken| self.deliver(taken, lease.until, sent.clone())).collect::<Vec<_>>();
        // It ends when nobody has anything to tell any more.
        drop(sent);
        let (delivered, removed) = join(join_all(deliver), self.remove_sent(noted)).await;
        delivered.into_iter().chain([removed]).collect::<Result<(), _>>()?;
        Ok(true)
    }

    /// Tries to send a mail, and tells when it was.
    #[tracing::instrument(level = "debug", skip_all)]
    async fn deliver(
        &self,
        TakenMail { mail, attempts }: TakenMail,
        until: OffsetDateTime,
        told: UnboundedSender<Mail>,
    ) -> Result<(), StoreError> {
        let sent = {
            let _permission = self.sending.acquire().await;
            if self.clock.now() + LONGEST_SENDING > until {
                return Ok(());
            }
            // A mail that makes the mailer panic is put off like any other, and keeps no other waiting.
            let sent = AssertUnwindSafe(async { self.mailer.send(&mail).await }).catch_unwind().await;
            sent.unwrap_or_else(|panic| Err(MailerError::Failed(panic_text(&*panic).into())))
        };
        match sent {
            Ok(()) => {
                metrics::mail(metrics::Mail::Sent);
                // Somebody listens until the last of these is dropped.
                drop(told.send(mail));
            }
            Err(MailerError::Refused(error)) => self.give_up(mail, &*error).await?,
            Err(MailerError::Failed(error)) => {
                let next = self.clock.now() + pause(attempts);
                if next > mail.written_at + LONGEST {
                    self.give_up(mail, &*error).await?;
                } else {
                    metrics::mail(metrics::Mail::PutOff);
                    self.outbox.put_off(&mail, next).await?;
                    tracing::warn!(error = &*error as &dyn std::error::Error, mail = %mail.id, attempts, "a mail waits");
                }
            }
        }
        Ok(())
    }

    /// Removes what was sent as soon as that is known: the first at once, then all that were sent meanwhile. One that was sent
    /// but could not be removed is sent again when the lease is over: between two systems, one has to come first.
    async fn remove_sent(&self, mut sent: UnboundedReceiver<Mail>) -> Result<(), StoreError> {
        let mut mails = Vec::with_capacity(BATCH);
        let mut outcome = Ok(());
        while sent.recv_many(&mut mails, BATCH).await > 0 {
            // What is sent after a failure can be removed perhaps.
            outcome = self.outbox.remove(&mails).await.and(outcome);
            for mail in mails.drain(..) {
                tracing::info!(event = "mail_sent", mail = %mail.id, customer = %mail.customer, "a mail was sent");
            }
        }
        outcome
    }

    /// Nobody will be told by this mail; so the operator is.
    async fn give_up(
        &self,
        mail: Mail,
        error: &(dyn std::error::Error + Send + Sync + 'static),
    ) -> Result<(), StoreError> {
        metrics::mail(metrics::Mail::GivenUp);
        self.outbox.remove(slice::from_ref(&mail)).await?;
        tracing::error!(
            event = "mail_given_up",
            error = error as &dyn std::error::Error,
            mail = %mail.id,
            customer = %mail.customer,
            "a mail could not be sent and never will be"
        );
        Ok(())
    }
}

fn pause(attempts: u32) -> Duration {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    PAUSES.get(index).or(PAUSES.last()).copied().unwrap_or(LONGEST)
}
