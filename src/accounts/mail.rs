//! Mail: what a customer is written when something happens, on its way from the write that caused it to their mailbox.
//!
//! A mail is put into an outbox in the same step as what it tells of, so that neither is ever there without the other,
//! and sent from there by [`Postman`](super::Postman) while nobody waits for it.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Accounts, Client, LinkId};
use crate::domain::{Customer, CustomerId, EmailAddress, Language, PersonName};

/// Names a mail: 128 random bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MailId([u8; 16]);

impl MailId {
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

/// 32 hex digits.
impl fmt::Display for MailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for MailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailId({self})")
    }
}

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
    /// Somebody logged in by a browser by which the customer had not signed in before.
    NewDevice(Client),
    PasswordChanged(Client),
    /// To the current address: another one was proposed.
    EmailChangeProposed(Client),
    /// To the address that the customer had before.
    EmailChanged(Client),
    /// Somebody asked for a link by which to choose a new password.
    ResetPassword(LinkId, Client),
    /// Somebody signed up with the address.
    VerifyEmail(LinkId, Client),
    /// Somebody signed up with the address of a customer; with a link to choose a new password, should that have been them.
    AlreadyCustomer(LinkId, Client),
    /// The customer wants to have this address.
    ChangeEmail(LinkId, Client),
    /// The same, but it is another customer's.
    AddressTaken(Client),
}

/// One mail to one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub id: MailId,
    pub customer: CustomerId,
    /// Where it goes, whatever address the customer has by the time that it is sent.
    pub to: EmailAddress,
    /// The name of the customer; `None` where the recipient is not known to be them.
    pub name: Option<PersonName>,
    pub letter: Letter,
    /// The customer's, as far as it is known when the mail is written.
    pub language: Language,
    pub written_at: OffsetDateTime,
}

impl Mail {
    /// Returns the name as stores keep it: empty where there is none.
    #[must_use]
    pub fn stored_name(&self) -> &str {
        self.name.as_ref().map_or("", PersonName::as_str)
    }

    /// Reads a name from a store.
    #[must_use]
    pub fn name_from_store(stored: String) -> Option<PersonName> {
        (!stored.is_empty()).then(|| PersonName::from_store(stored))
    }
}

impl Letter {
    /// Returns true if it goes to an address that is the customer's, as far as is known, and not to one that somebody
    /// typed.
    #[must_use]
    pub fn is_to_owner(&self) -> bool {
        match self {
            Self::VerifyEmail(..) | Self::ChangeEmail(..) | Self::AddressTaken(_) => false,
            Self::NewDevice(_)
            | Self::PasswordChanged(_)
            | Self::EmailChangeProposed(_)
            | Self::EmailChanged(_)
            | Self::ResetPassword(..)
            | Self::AlreadyCustomer(..) => true,
        }
    }

    /// Who did what it tells of.
    fn client(&self) -> &Client {
        match self {
            Self::NewDevice(client)
            | Self::PasswordChanged(client)
            | Self::EmailChangeProposed(client)
            | Self::EmailChanged(client)
            | Self::AddressTaken(client)
            | Self::ResetPassword(_, client)
            | Self::VerifyEmail(_, client)
            | Self::AlreadyCustomer(_, client)
            | Self::ChangeEmail(_, client) => client,
        }
    }
}

impl Accounts {
    /// A mail to the customer; `None` where the shop sends none.
    pub(super) fn mail(&self, customer: &Customer, letter: Letter) -> Option<Mail> {
        self.outbox.as_ref()?;
        let mut id = [0; 16];
        self.randomness.fill(&mut id);
        Some(Mail {
            id: MailId(id),
            customer: customer.id,
            to: customer.email.clone(),
            // Anybody can sign up with somebody else's address, and any name.
            name: customer.verified.then(|| customer.name.clone()),
            // Whoever is at work may be a stranger: the customer's own language comes first.
            language: customer.language.or(letter.client().language).unwrap_or_default(),
            letter,
            written_at: self.clock.now(),
        })
    }

    /// Writes to the customer about what is done already, and is not undone because nobody could be told.
    pub(super) async fn notify(&self, customer: &Customer, letter: Letter) {
        let (Some(outbox), Some(mail)) = (&self.outbox, self.mail(customer, letter)) else { return };
        if let Err(error) = outbox.add(&mail).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                customer = %mail.customer,
                "a customer is not told by mail what happened"
            );
        }
    }
}
