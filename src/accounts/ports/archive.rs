//! What the use cases need of the world to carry a shop's data from one store to another: a store that gives all of it,
//! a page at a time, and takes it as it was given.

use std::cmp::Ordering;

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

/// What a store holds of a customer, by which it is decided whether a record replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCustomer {
    pub epoch: CredentialEpoch,
    pub updated_at: OffsetDateTime,
    pub password: Option<PasswordHash>,
    /// As it is stored, canonical or not.
    pub email: String,
    pub disabled: bool,
    /// The whole record, or `None` if a field is unreadable.
    pub record: Option<CustomerRecord>,
}

/// What becomes of a record whose customer the store holds already. Either side stays whole: nothing is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// The store's customer is the same, and stays.
    Same,
    /// The store's customer is newer, and stays.
    Older,
    /// The record replaces the store's customer, in this credential epoch.
    Newer(CredentialEpoch),
}

impl CustomerRecord {
    /// Returns what becomes of this record in a store that holds `held`. The newer one has more [credential
    /// events](CredentialEpoch::events) or, with as many, was changed later: an older record would undo a credential
    /// event, such as a reset of the password.
    ///
    /// A record that brings another password, address or disabled state starts an epoch later than the held one, so that
    /// sessions and known browsers of before are void. The events stay those of the record, so that the same record is
    /// recognised when it is imported again, and a later record from the same source is newer.
    #[must_use]
    pub fn replacement_of(&self, held: &HeldCustomer) -> Replacement {
        let Customer { epoch, updated_at, ref email, disabled, .. } = self.customer;
        match (epoch.events(), updated_at).cmp(&(held.epoch.events(), held.updated_at)) {
            Ordering::Equal => held.record.as_ref().map_or(Replacement::Same, |held| self.replacement_of_as_old(held)),
            Ordering::Less => Replacement::Older,
            Ordering::Greater => {
                let keeps_credentials =
                    self.password == held.password && email.as_str() == held.email && disabled == held.disabled;
                Replacement::Newer(epoch.imported_over(held.epoch, !keeps_credentials))
            }
        }
    }

    /// Returns what becomes of this record if the store's one has as many events and was changed at the same time. Some
    /// changes leave no trace in either: another language, a requested link. Such a record replaces the store's, unless
    /// the store's has a later link of the same kind. What a customer may do never changes without a trace, so a record
    /// that differs in that is not from a later state of this account.
    fn replacement_of_as_old(&self, held: &Self) -> Replacement {
        let epoch = self.customer.epoch.imported_over(held.customer.epoch, false);
        let as_held =
            Self { customer: Customer { epoch: held.customer.epoch, ..self.customer.clone() }, ..self.clone() };
        if as_held == *held {
            Replacement::Same
        } else if self.grants() == held.grants() && !self.has_earlier_link_than(held) {
            Replacement::Newer(epoch)
        } else {
            Replacement::Older
        }
    }

    /// Returns what decides who gets into the account, and what they may do there.
    fn grants(&self) -> impl PartialEq + '_ {
        let Customer { ref email, verified, disabled, role, .. } = self.customer;
        (&self.password, email, verified, disabled, role, self.address.secured_at)
    }

    /// Returns true if both have a pending link of the same kind, and the held one was made later.
    fn has_earlier_link_than(&self, held: &Self) -> bool {
        let expiries = |record: &Self| {
            let Address { verification, change, .. } = &record.address;
            [
                record.reset.map(|reset| reset.expires_at),
                verification.map(|verification| verification.expires_at),
                change.as_ref().map(|change| change.expires_at),
            ]
        };
        let pairs = expiries(self).into_iter().zip(expiries(held));
        pairs.into_iter().any(|(ours, held)| ours.zip(held).is_some_and(|(ours, held)| ours < held))
    }
}

/// A record that a store left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its place among the records that were to be put.
    pub index: usize,
    pub reason: LeftOutReason,
}

/// Why a store left a record out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOutReason {
    /// Another customer has the address.
    AddressTaken,
    /// The store's own record of the customer is newer.
    Older,
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

    /// Has the store hold these customers as they are here: new ones, and those whose record is newer than what the store
    /// holds (see [`CustomerRecord::replacement_of`]). Returns those that were left out. Each is written whole or not at
    /// all, and doing it twice changes nothing more.
    async fn put_customers(&self, records: &[CustomerRecord]) -> Result<Vec<LeftOut>, StoreError>;

    /// Has the store hold these. What it has already is not there twice then, and a mail to nobody is not kept. A browser
    /// that is known in a later epoch, and an entry of the timeline that has summed more, stay as they are.
    async fn put_belongings(&self, belongings: &[Belonging]) -> Result<(), StoreError>;
}
