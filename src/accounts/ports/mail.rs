//! What the use cases need of the world to write to customers: a place where mail waits, and somebody who sends it.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::StoreError;
use crate::{accounts::Mail, domain::EmailAddress};

/// A mail that somebody has taken from the outbox, to send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenMail {
    pub mail: Mail,
    /// How often it was taken, this time included.
    pub attempts: u32,
}

/// For how long mail that was taken is nobody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// By chance, and another for each: whoever takes mail knows by it what they got.
    pub id: [u8; 16],
    pub until: OffsetDateTime,
}

/// Where mail lies until it was sent. A mail belongs to its customer, and is gone when they are.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Adds a mail, due at once. Whoever is no customer gets none.
    async fn add(&self, mail: &Mail) -> Result<(), StoreError>;

    /// Takes what has been due the longest at `now`, some `most` mails, and has them due again when the lease is over: so that
    /// of all who ask nobody else gets one before then. The oldest comes first. One that cannot be read, since a newer version
    /// wrote it say, is left to whoever can.
    async fn take(&self, now: OffsetDateTime, lease: Lease, most: usize) -> Result<Vec<TakenMail>, StoreError>;

    /// What was written last, some `most` mails, whether it is due or not. The latest comes first.
    async fn latest(&self, most: usize) -> Result<Vec<Mail>, StoreError>;

    /// Has the mail due at `due_at`.
    async fn put_off(&self, mail: &Mail, due_at: OffsetDateTime) -> Result<(), StoreError>;

    /// Removes these mails, those of them that are there.
    async fn remove(&self, mails: &[Mail]) -> Result<(), StoreError>;
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The server will never take it: there is no such mailbox, say.
    #[error("the mail server refuses the mail")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Trying again later may help.
    #[error("the mail was not sent")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Hands mail to a server that delivers it.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Returns once the server has taken responsibility for the mail, in bounded time.
    async fn send(&self, mail: &Mail) -> Result<(), MailerError>;
}

/// A mail in words.
#[derive(Clone, Debug)]
pub struct WrittenMail {
    pub to: EmailAddress,
    pub subject: String,
    /// As plain text.
    pub text: String,
}

/// Puts mail into words.
pub trait Letters: Send + Sync {
    /// # Errors
    /// That there are no words for this mail: a defect.
    fn write(&self, mail: &Mail) -> Result<WrittenMail, Box<dyn std::error::Error + Send + Sync>>;
}
