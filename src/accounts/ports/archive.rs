//! The port for moving a shop's data to another store: a store that returns all of its data page by page, and accepts
//! it unchanged.

use std::cmp::Ordering;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::{Address, PasswordHash, Reset, StoreError};
use crate::{
    accounts::{
        core::{browser::BrowserHash, timeline::Activity},
        mail::message::Mail,
    },
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress},
};

/// A customer with everything that they need in another store: how they prove their identity, and what is pending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRecord {
    pub customer: Customer,
    /// `None` if the customer has no password, which other systems allow.
    pub password: Option<PasswordHash>,
    pub reset: Option<Reset>,
    /// The state of the address, which also tells if the customer is verified.
    pub address: Address,
}

/// What a store holds of a customer, to decide if a record replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCustomer {
    pub epoch: CredentialEpoch,
    pub updated_at: OffsetDateTime,
    pub password: Option<PasswordHash>,
    /// As stored, canonical or not.
    pub email: String,
    pub disabled: bool,
    /// The whole record, or `None` if a field is unreadable.
    pub record: Option<CustomerRecord>,
}

/// What happens to a record whose customer is already in the store. Records are not merged.
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
    /// Returns what happens to this record in a store that holds `held`. The newer one has more [credential
    /// events](CredentialEpoch::events) or, with as many, was changed later: an older record would undo a credential
    /// event, such as a reset of the password.
    ///
    /// A record that brings another password, address or disabled state starts an epoch later than the held one, so
    /// that earlier sessions and known browsers are void. The number of events stays that of the record, so that the
    /// same record is recognised when it is imported again, and a later record from the same source is newer.
    #[must_use]
    pub fn replacement_of(&self, held: &HeldCustomer) -> Replacement {
        let Customer { epoch, updated_at, ref email, disabled, .. } = self.customer;
        match (epoch.events(), updated_at).cmp(&(held.epoch.events(), held.updated_at)) {
            Ordering::Equal => held.record.as_ref().map_or(Replacement::Same, |held| self.replacement_of_spelled(held)),
            Ordering::Less => Replacement::Older,
            Ordering::Greater => {
                let keeps_credentials =
                    self.password == held.password && email.as_str() == held.email && disabled == held.disabled;
                Replacement::Newer(epoch.imported_over(held.epoch, !keeps_credentials))
            }
        }
    }

    /// Like [`Self::replacement_of_as_old`], but a record also replaces one that differs in the spelling of the address:
    /// another program may have stored it as it was typed, and no one can log in with that.
    fn replacement_of_spelled(&self, held: &Self) -> Replacement {
        let canonical = match EmailAddress::parse(held.customer.email.as_str()) {
            Ok(canonical) if canonical != held.customer.email => canonical,
            _ => return self.replacement_of_as_old(held),
        };
        let respelled = Self { customer: Customer { email: canonical, ..held.customer.clone() }, ..held.clone() };
        match self.replacement_of_as_old(&respelled) {
            Replacement::Same => Replacement::Newer(self.customer.epoch.imported_over(held.customer.epoch, false)),
            other => other,
        }
    }

    /// Returns what happens to this record if the store's one has as many events and was changed at the same time. Some
    /// changes affect neither: another language, a requested link. Such a record replaces the store's, unless the
    /// store's has a later link of the same kind. A change of what a customer may do always affects one of them, so a
    /// record that differs in that is not a later state of this account.
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

    /// Returns what decides who can use the account, and what they may do.
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
    /// Its index among the records to write.
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
    /// The account's credential epoch when it signed in. It is known only in this epoch.
    pub epoch: CredentialEpoch,
    pub expires_at: OffsetDateTime,
}

/// A mail that has not been sent yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingMail {
    pub mail: Mail,
    pub due_at: OffsetDateTime,
    /// How often it has been taken from the outbox.
    pub attempts: u32,
}

/// Data that is stored beside a customer's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Belonging {
    Browser(KnownBrowser),
    Activity(Activity),
    Mail(Box<WaitingMail>),
}

impl Belonging {
    /// Returns the customer that it belongs to.
    #[must_use]
    pub fn customer(&self) -> CustomerId {
        match self {
            Self::Browser(browser) => browser.customer,
            Self::Activity(activity) => activity.customer,
            Self::Mail(waiting) => waiting.mail.customer,
        }
    }
}

/// A page of customers.
#[derive(Debug)]
pub struct Page {
    /// Ordered by id. A customer that cannot be read does not affect the others.
    pub customers: Vec<Result<CustomerRecord, StoreError>>,
    /// The last of their ids, after which the next page begins. `None` if there are no more customers.
    pub last: Option<CustomerId>,
}

/// A store as a whole, without short-lived data. Signing keys have [their own port](super::SigningKeys).
#[async_trait]
pub trait Archive: Send + Sync {
    /// Returns at most `most` customers whose ids come after `after`.
    async fn customers(&self, after: Option<CustomerId>, most: usize) -> Result<Page, StoreError>;

    /// Returns everything that belongs to these customers. The events of a customer are in the order in which they
    /// happened.
    async fn belongings(&self, customers: &[CustomerId]) -> Result<Vec<Result<Belonging, StoreError>>, StoreError>;

    /// Writes customers: new ones, and those whose record is newer than what the store holds (see
    /// [`CustomerRecord::replacement_of`]). Returns those that were left out. Each is written completely or not at all.
    /// Repeating the call changes nothing.
    async fn put_customers(&self, records: &[CustomerRecord]) -> Result<Vec<LeftOut>, StoreError>;

    /// Writes data of customers. Does not duplicate existing data, and drops mails to unknown customers. A browser that
    /// is known in a later epoch, and a timeline entry with a higher count, stay unchanged.
    async fn put_belongings(&self, belongings: &[Belonging]) -> Result<(), StoreError>;
}
