//! The mail worker: takes mail from the outbox and hands it to a mail server, in the background.
//!
//! Instances share the work. An instance that takes a mail has it alone for a while. If that instance dies, another one
//! takes the mail afterwards. A mail that is not accepted is retried at growing intervals, for a day.

use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    pin::pin,
    slice,
    sync::Arc,
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{join, join_all},
};
use time::OffsetDateTime;
use tokio::{
    select,
    sync::{
        OwnedSemaphorePermit, Semaphore,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    accounts::{
        mail::message::Mail,
        ports::{Clock, LONGEST_PAUSE, Lease, Mailer, MailerError, Outbox, Randomness, StoreError, TakenMail},
    },
    telemetry::{metrics, panic_text},
};

/// How long taken mail is reserved for one instance. Longer than [`LONGEST_SENDING`] by the time that a mail may wait
/// for its turn.
const LEASE: Duration = Duration::from_mins(15);

/// The pauses after the first attempts. The last one is repeated.
const PAUSES: [Duration; 6] = [
    Duration::from_secs(10),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_mins(30),
    LONGEST_PAUSE,
];

/// The age at which a mail is given up.
const LONGEST: Duration = Duration::from_hours(24);

/// The maximum number of mails taken at once.
const BATCH: usize = 32;

/// The maximum number of mails that an instance sends at once, not counting [slow](SLOW) ones: few enough for any mail
/// server.
const SENDING: usize = 4;

/// How long sending a mail may take before the next one starts beside it.
const SLOW: Duration = Duration::from_secs(3);

/// The maximum number of mails that an instance has taken, including slow ones. It also limits the open connections.
const MOST_TAKEN: usize = 64;

/// The maximum time that a mailer needs. A mail that could not be started that long before its lease ends waits for the
/// end.
const LONGEST_SENDING: Duration = Duration::from_mins(13);

/// Sends the mail in the outbox. Clones share the work.
#[derive(Clone)]
pub struct MailWorker(Arc<Delivery>);

struct Delivery {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    outbox: Arc<dyn Outbox>,
    mailer: Arc<dyn Mailer>,
    /// A permit for each mail that may be sent now, by all rounds together. A slow mail returns its permit.
    sending: Semaphore,
    /// A permit for each mail that may be taken.
    taking: Arc<Semaphore>,
    /// The mails that are being sent in the background.
    tracker: TaskTracker,
    /// Once this is cancelled, no mail is started.
    stop: CancellationToken,
}

/// Why sending a taken mail was not started.
enum NotBegun {
    /// Its lease ends too soon.
    TooLate,
    Stopping,
}

impl MailWorker {
    /// Returns a worker that is never stopped.
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        outbox: Arc<dyn Outbox>,
        mailer: Arc<dyn Mailer>,
    ) -> Self {
        Self::until(CancellationToken::new(), TaskTracker::new(), clock, randomness, outbox, mailer)
    }

    /// Returns a worker that starts no mail once `stop` is cancelled. Mails that it took but did not start become due
    /// at once then, for another instance or the next start. `tracker` tracks what it is sending.
    #[must_use]
    pub fn until(
        stop: CancellationToken,
        tracker: TaskTracker,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        outbox: Arc<dyn Outbox>,
        mailer: Arc<dyn Mailer>,
    ) -> Self {
        let (sending, taking) = (Semaphore::new(SENDING), Arc::new(Semaphore::new(MOST_TAKEN)));
        Self(Arc::new(Delivery { clock, randomness, outbox, mailer, sending, taking, tracker, stop }))
    }

    /// Takes the mails that have been due the longest and tries to send them. Returns true if there were any. Does not
    /// wait for mails that are slow to send: they continue in the background.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn deliver_due(&self) -> Result<bool, StoreError> {
        let Some((lease, taken)) = self.0.take().await? else { return Ok(false) };
        let delivery = self.0.clone();
        let mut delivering = self.0.tracker.spawn(async move { delivery.deliver_all(taken, lease).await });
        let ended = select! {
            ended = &mut delivering => Some(ended),
            () = sleep(SLOW * 2) => None,
            () = self.0.stop.cancelled() => None,
        };
        match ended {
            Some(Ok(delivered)) => delivered.map(|()| true),
            Some(Err(ended)) => match ended.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The runtime is shutting down.
                Err(_) => Ok(false),
            },
            None => {
                self.0.tracker.spawn(async move {
                    if let Ok(Err(error)) = delivering.await {
                        tracing::warn!(error = &error as &dyn std::error::Error, "mail waits in the outbox");
                    }
                });
                Ok(true)
            }
        }
    }
}

/// Taken mails, and their permits.
struct Taken {
    mails: Vec<TakenMail>,
    permits: OwnedSemaphorePermit,
}

impl Delivery {
    /// Takes mails that are due, as many as may be taken. Returns `None` if there are none.
    async fn take(&self) -> Result<Option<(Lease, Taken)>, StoreError> {
        let free = self.taking.available_permits().min(BATCH);
        let Some(permits) = u32::try_from(free).ok().filter(|free| *free > 0) else { return Ok(None) };
        let Ok(permits) = self.taking.clone().try_acquire_many_owned(permits) else { return Ok(None) };
        let now = self.clock.now();
        let mut id = [0; 16];
        self.randomness.fill(&mut id);
        let lease = Lease { id, until: now + LEASE };
        let mails = self.outbox.take(now, lease, free).await?;
        Ok((!mails.is_empty()).then_some((lease, Taken { mails, permits })))
    }

    /// Tries to send taken mails, and removes those that were sent.
    async fn deliver_all(&self, taken: Taken, lease: Lease) -> Result<(), StoreError> {
        let Taken { mails, mut permits } = taken;
        let (sent, noted) = unbounded_channel();
        let deliver: Vec<_> = mails
            .into_iter()
            .map(|mail| {
                let (permit, told) = (permits.split(1), sent.clone());
                async move {
                    let _permit = permit;
                    self.deliver(mail, lease.until, told).await
                }
            })
            .collect();
        // There may be fewer mails than permits.
        drop(permits);
        // Closes the channel once the last mail is done.
        drop(sent);
        let (delivered, removed) = join(join_all(deliver), self.remove_sent(noted)).await;
        delivered.into_iter().chain([removed]).collect()
    }

    /// Tries to send a mail, and sends it to `told` if that succeeded.
    #[tracing::instrument(level = "debug", skip_all)]
    async fn deliver(
        &self,
        TakenMail { mail, attempts }: TakenMail,
        until: OffsetDateTime,
        told: UnboundedSender<Mail>,
    ) -> Result<(), StoreError> {
        let sent = match self.send(&mail, until).await {
            Ok(sent) => sent,
            Err(NotBegun::TooLate) => return Ok(()),
            Err(NotBegun::Stopping) => return self.outbox.put_off(&mail, self.clock.now()).await,
        };
        match sent {
            Ok(()) => {
                metrics::mail(metrics::Mail::Sent);
                // The receiver lives until the last sender is dropped.
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

    /// Sends a mail when its turn comes, unless that is too late.
    async fn send(&self, mail: &Mail, until: OffsetDateTime) -> Result<Result<(), MailerError>, NotBegun> {
        let permit = select! {
            biased;
            () = self.stop.cancelled() => Err(NotBegun::Stopping),
            permit = self.sending.acquire() => Ok(permit),
        };
        let now = self.clock.now();
        let permit = match permit {
            // After the lease, another instance may have the mail.
            Err(NotBegun::Stopping) if now < until => return Err(NotBegun::Stopping),
            Ok(permit) if now + LONGEST_SENDING <= until => permit,
            _ => return Err(NotBegun::TooLate),
        };
        // A mail with which the mailer panics is put off like any other, and does not delay others.
        let mut sending = pin!(AssertUnwindSafe(async { self.mailer.send(mail).await }).catch_unwind());
        let sent = if let Ok(sent) = timeout(SLOW, &mut sending).await {
            sent
        } else {
            drop(permit);
            sending.await
        };
        Ok(sent.unwrap_or_else(|panic| Err(MailerError::Failed(panic_text(&*panic).into()))))
    }

    /// Removes sent mails as soon as possible: the first at once, then all that were sent meanwhile. A mail that was
    /// sent but could not be removed is sent again after the lease, since sending and removing are not atomic.
    async fn remove_sent(&self, mut sent: UnboundedReceiver<Mail>) -> Result<(), StoreError> {
        let mut mails = Vec::with_capacity(BATCH);
        let mut outcome = Ok(());
        while sent.recv_many(&mut mails, BATCH).await > 0 {
            // After a failure, the next removal may succeed.
            outcome = self.outbox.remove(&mails).await.and(outcome);
            for mail in mails.drain(..) {
                tracing::info!(event = "mail_sent", mail = %mail.id, customer = %mail.customer, "a mail was sent");
            }
        }
        outcome
    }

    /// Removes a mail that will never be sent, and logs an error for the operator.
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
