//! Mail where there is no mail server: it stays in the outbox, to be looked at, so that whatever needs mail can be tried on a
//! fresh machine. Nobody is sent any of it, unless a mail server is configured within a day.

use std::sync::Arc;

use super::ports::{Letters, Outbox, StoreError, WrittenMail};

/// How many mails are kept: what somebody who tries things out may look for.
const MOST: usize = 50;

/// How many are removed in one step.
const BATCH: usize = 200;

/// What lies in the outbox, in words.
#[derive(Clone)]
pub struct KeptMail {
    outbox: Arc<dyn Outbox>,
    letters: Arc<dyn Letters>,
}

impl KeptMail {
    #[must_use]
    pub fn new(outbox: Arc<dyn Outbox>, letters: Arc<dyn Letters>) -> Self {
        Self { outbox, letters }
    }

    /// The mails that were written last, the latest first. One that cannot be put into words is left out, and logged.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn latest(&self) -> Result<Vec<WrittenMail>, StoreError> {
        let mails = self.outbox.latest(MOST).await?;
        let write = |mail| {
            let written = self.letters.write(mail);
            written.inspect_err(|error| tracing::error!(error = &**error, mail = %mail.id, "no words for a mail")).ok()
        };
        Ok(mails.iter().filter_map(write).collect())
    }

    /// Removes what was kept the longest, if there is too much: a program whose tests write mail all day would fill its disk.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn remove_the_oldest(&self) -> Result<(), StoreError> {
        loop {
            let mails = self.outbox.latest(MOST + BATCH).await?;
            match mails.get(MOST..) {
                Some(oldest) if !oldest.is_empty() => self.outbox.remove(oldest).await?,
                _ => return Ok(()),
            }
        }
    }
}
