//! The postman: takes mail from the outbox and hands it to a mail server, in the background.
//!
//! Instances share the work. Whoever takes a mail has it for a while alone; should they die with it, another takes it
//! afterwards. A mail that is not taken off is tried again, later and later, for a day.

use std::{sync::Arc, time::Duration};

use super::{
    Mail,
    ports::{Clock, Mailer, MailerError, Outbox, StoreError, TakenMail},
};

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

/// Sends what lies in the outbox.
pub struct Postman {
    pub clock: Arc<dyn Clock>,
    pub outbox: Arc<dyn Outbox>,
    pub mailer: Arc<dyn Mailer>,
}

impl Postman {
    /// Takes the mail that has been due the longest and tries to send it. Says whether there was one.
    ///
    /// # Errors
    /// That the store cannot answer. A mail that was sent, but could not be removed, is sent again when the lease is
    /// over: between two systems, one has to come first.
    pub async fn deliver_next(&self) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let Some(TakenMail { mail, attempts }) = self.outbox.take(now, now + LEASE).await? else { return Ok(false) };
        match self.mailer.send(&mail).await {
            Ok(()) => {
                self.outbox.remove(&mail).await?;
                tracing::info!(event = "mail_sent", mail = %mail.id, customer = %mail.customer, "a mail was sent");
            }
            Err(MailerError::Refused(error)) => self.give_up(&mail, &*error).await?,
            Err(MailerError::Failed(error)) => {
                let next = self.clock.now() + pause(attempts);
                if next > mail.written_at + LONGEST {
                    self.give_up(&mail, &*error).await?;
                } else {
                    self.outbox.put_off(&mail, next).await?;
                    tracing::warn!(error = &*error as &dyn std::error::Error, mail = %mail.id, attempts, "a mail waits");
                }
            }
        }
        Ok(true)
    }

    /// Nobody will be told by this mail; so the operator is.
    async fn give_up(
        &self,
        mail: &Mail,
        error: &(dyn std::error::Error + Send + Sync + 'static),
    ) -> Result<(), StoreError> {
        self.outbox.remove(mail).await?;
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
