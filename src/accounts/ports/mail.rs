//! The ports for mail to customers: an outbox, and a mailer that sends it.

use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::StoreError;
use crate::{accounts::mail::message::Mail, domain::EmailAddress};

/// A mail that was taken from the outbox, to send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenMail {
    pub mail: Mail,
    /// How often it has been taken, including this time.
    pub attempts: u32,
}

/// How long taken mail is reserved for one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Random, and different for each call: it marks the mail that this call took.
    pub id: [u8; 16],
    pub until: OffsetDateTime,
}

/// The longest time for which a mail is put off. A mail that is due later was written while the clock was ahead.
pub const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// Stores mail until it is sent. A mail belongs to its customer, and is removed with them.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Adds a mail, due at once. Adds nothing for an unknown customer.
    async fn add(&self, mail: &Mail) -> Result<(), StoreError>;

    /// Takes at most `most` mails that are due at `now`, oldest first, and makes them due again when the lease ends. A
    /// mail that is due later than [`LONGEST_PAUSE`] from `now` is taken too: the clock was ahead and has been corrected.
    /// Until then, no other worker gets them. A mail that cannot be read, for example because a newer version wrote it,
    /// is left to a worker that can.
    async fn take(&self, now: OffsetDateTime, lease: Lease, most: usize) -> Result<Vec<TakenMail>, StoreError>;

    /// Returns at most `most` of the latest mails, newest first, whether they are due or not.
    async fn latest(&self, most: usize) -> Result<Vec<Mail>, StoreError>;

    /// Makes the mail due at `due_at`.
    async fn put_off(&self, mail: &Mail, due_at: OffsetDateTime) -> Result<(), StoreError>;

    /// Removes these mails, if they are there.
    async fn remove(&self, mails: &[Mail]) -> Result<(), StoreError>;
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The server will never accept it, for example because there is no such mailbox.
    #[error("the mail server refuses the mail")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A retry may succeed.
    #[error("the mail was not sent")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Hands mail to a server that delivers it.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Returns once the server has accepted responsibility for the mail, in bounded time.
    async fn send(&self, mail: &Mail) -> Result<(), MailerError>;
}

/// A rendered mail.
#[derive(Clone, Debug)]
pub struct WrittenMail {
    pub to: EmailAddress,
    pub subject: String,
    /// The body, as plain text.
    pub text: String,
}

/// Renders mails.
pub trait MailRenderer: Send + Sync {
    /// Returns the subject and the body of a mail.
    ///
    /// # Errors
    /// If there is no text for this mail, which is a bug.
    fn write(&self, mail: &Mail) -> Result<WrittenMail, Box<dyn std::error::Error + Send + Sync>>;
}
