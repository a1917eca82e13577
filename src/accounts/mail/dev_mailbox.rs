//! Mail in a shop without a mail server: it stays in the outbox and can be viewed, so that features that need mail work
//! on a fresh machine. None of it is sent, unless a mail server is configured within a day.

use std::sync::Arc;

use crate::accounts::ports::{MailRenderer, Outbox, StoreError, WrittenMail};

/// The number of mails that are kept, for the developer to view.
const MOST: usize = 50;

/// The number of mails that are removed in one step.
const BATCH: usize = 200;

/// The mails in the outbox, as text.
#[derive(Clone)]
pub struct DevMailbox {
    outbox: Arc<dyn Outbox>,
    renderer: Arc<dyn MailRenderer>,
}

impl DevMailbox {
    #[must_use]
    pub fn new(outbox: Arc<dyn Outbox>, renderer: Arc<dyn MailRenderer>) -> Self {
        Self { outbox, renderer }
    }

    /// Returns the latest mails, newest first. A mail that cannot be rendered is left out, and logged.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn latest(&self) -> Result<Vec<WrittenMail>, StoreError> {
        let mails = self.outbox.latest(MOST).await?;
        let write = |mail| {
            let written = self.renderer.write(mail);
            written.inspect_err(|error| tracing::error!(error = &**error, mail = %mail.id, "no words for a mail")).ok()
        };
        Ok(mails.iter().filter_map(write).collect())
    }

    /// Removes the oldest mails if there are too many: tests that write mail all day would fill the disk.
    ///
    /// # Errors
    /// If the store does not answer.
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
