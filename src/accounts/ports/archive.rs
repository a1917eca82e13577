//! What the use cases need of the world to carry a shop's data from one store to another: a store that gives all of it,
//! a page at a time, and takes it as it was given.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::{Address, PasswordHash, Reset, StoreError};
use crate::{
    accounts::{Activity, BrowserHash, Mail},
    domain::{CredentialEpoch, Customer, CustomerId},
};

/// A customer with all that lets them go on elsewhere: how they prove who they are, and what is awaited of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRecord {
    pub customer: Customer,
    /// `None` for one who has no password: other shops have such.
    pub password: Option<PasswordHash>,
    pub reset: Option<Reset>,
    /// Whether the customer is verified follows from it.
    pub address: Address,
}

/// A browser in which a customer signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownBrowser {
    pub customer: CustomerId,
    pub browser: BrowserHash,
    /// The account's credential epoch when it signed in: it is known in this one alone.
    pub epoch: CredentialEpoch,
    pub expires_at: OffsetDateTime,
}

/// A mail that is still to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingMail {
    pub mail: Mail,
    pub due_at: OffsetDateTime,
    /// How often it was taken so far.
    pub attempts: u32,
}

/// Something that is kept of a customer beside their record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Belonging {
    Browser(KnownBrowser),
    Activity(Activity),
    Mail(Box<WaitingMail>),
}

impl Belonging {
    /// Whose it is.
    #[must_use]
    pub fn customer(&self) -> CustomerId {
        match self {
            Self::Browser(browser) => browser.customer,
            Self::Activity(activity) => activity.customer,
            Self::Mail(waiting) => waiting.mail.customer,
        }
    }
}

/// Some customers.
#[derive(Debug)]
pub struct Page {
    /// By rising ids. One that cannot be read is no reason to keep the others back.
    pub customers: Vec<Result<CustomerRecord, StoreError>>,
    /// The last of their ids, after which the next page begins; `None` where there was nobody any more.
    pub last: Option<CustomerId>,
}

/// A store as a whole, but for what is short-lived. Signing keys have [a port of their own](super::SigningKeys).
#[async_trait]
pub trait Archive: Send + Sync {
    /// Some `most` customers of those whose ids come after `after`.
    async fn customers(&self, after: Option<CustomerId>, most: usize) -> Result<Page, StoreError>;

    /// All that belongs to these customers, what happened to each in the order in which it happened.
    async fn belongings(&self, customers: &[CustomerId]) -> Result<Vec<Result<Belonging, StoreError>>, StoreError>;

    /// Has the store hold these customers as they are here, new ones and those that it has. Who has an address that is
    /// another customer's is left out: the answer says which, by their places. Each is written whole or not at all, and
    /// doing it twice changes nothing more.
    async fn put_customers(&self, records: &[CustomerRecord]) -> Result<Vec<usize>, StoreError>;

    /// Has the store hold these. What it has already is not there twice then, and a mail to nobody is not kept.
    async fn put_belongings(&self, belongings: &[Belonging]) -> Result<(), StoreError>;
}
