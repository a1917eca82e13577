//! Mails to customers, from the event that causes them to the mail server.
//!
//! Most mails are added to the outbox in the same write as what they report, so that neither exists without the other.
//! [`MailWorker`](crate::accounts::mail::mail_worker::MailWorker) sends them from there in the background.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    accounts::{
        core::{accounts::Accounts, link_token::LinkId},
        sessions::session::Client,
    },
    domain::{Customer, CustomerId, EmailAddress, Language, PersonName},
};

/// Identifies a mail: 128 random bits.
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

/// Writes 32 hex digits.
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

/// The content of a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// A login in a browser in which the customer had not signed in before.
    NewDevice(Client),
    PasswordChanged(Client),
    /// To the current address: another one was proposed.
    EmailChangeProposed(Client),
    /// To the address that the customer had before.
    EmailChanged(Client),
    /// To an address that the customer had until the change to it was undone. Has no link: the address has no more rights.
    EmailChangeUndone(Client),
    /// A link to choose a new password was requested.
    ResetPassword(LinkId, Client),
    /// The customer secured their account. Contains a link to choose a new password.
    AccountSecured(LinkId, Client),
    /// There was a sign-up with the address.
    VerifyEmail(LinkId, Client),
    /// There was a sign-up with the address of a customer. Contains a link to choose a new password, in case it was the
    /// customer.
    AlreadyCustomer(LinkId, Client),
    /// To a proposed address, with a link that completes the change.
    ChangeEmail(LinkId, Client),
    /// To a proposed address that another customer has.
    AddressTaken(Client),
}

/// A mail to a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub id: MailId,
    pub customer: CustomerId,
    /// The recipient, whatever address the customer has when the mail is sent.
    pub to: EmailAddress,
    /// The name of the customer, or `None` if the recipient may be someone else.
    pub name: Option<PersonName>,
    pub letter: MailKind,
    /// The customer's language, as far as it is known when the mail is written.
    pub language: Language,
    pub written_at: OffsetDateTime,
}

impl Mail {
    /// Returns the name as stores keep it: empty if there is none.
    #[must_use]
    pub fn stored_name(&self) -> &str {
        self.name.as_ref().map_or("", PersonName::as_str)
    }

    /// Returns a stored name, or `None` if it is empty.
    #[must_use]
    pub fn name_from_store(stored: String) -> Option<PersonName> {
        (!stored.is_empty()).then(|| PersonName::from_store(stored))
    }
}

impl MailKind {
    /// Returns true if the recipient's address is the customer's, as far as is known, and not just one that a visitor
    /// typed.
    #[must_use]
    pub fn is_to_owner(&self) -> bool {
        match self {
            Self::VerifyEmail(..) | Self::ChangeEmail(..) | Self::AddressTaken(_) | Self::EmailChangeUndone(_) => false,
            Self::NewDevice(_)
            | Self::PasswordChanged(_)
            | Self::EmailChangeProposed(_)
            | Self::EmailChanged(_)
            | Self::ResetPassword(..)
            | Self::AccountSecured(..)
            | Self::AlreadyCustomer(..) => true,
        }
    }

    /// Returns the client that caused what the mail reports.
    fn client(&self) -> &Client {
        match self {
            Self::NewDevice(client)
            | Self::PasswordChanged(client)
            | Self::EmailChangeProposed(client)
            | Self::EmailChanged(client)
            | Self::EmailChangeUndone(client)
            | Self::AddressTaken(client)
            | Self::ResetPassword(_, client)
            | Self::AccountSecured(_, client)
            | Self::VerifyEmail(_, client)
            | Self::AlreadyCustomer(_, client)
            | Self::ChangeEmail(_, client) => client,
        }
    }
}

impl Accounts {
    /// Returns a mail to the customer, or `None` if the shop sends no mail.
    pub(in crate::accounts) fn mail(&self, customer: &Customer, letter: MailKind) -> Option<Mail> {
        self.outbox.as_ref()?;
        let mut id = [0; 16];
        self.randomness.fill(&mut id);
        Some(Mail {
            id: MailId(id),
            customer: customer.id,
            to: customer.email.clone(),
            // Anyone can sign up with someone else's address, and any name.
            name: customer.verified.then(|| customer.name.clone()),
            // The client may be a stranger's, so the customer's own language comes first.
            language: customer.language.or(letter.client().language).unwrap_or_default(),
            letter,
            written_at: self.clock.now(),
        })
    }

    /// Sends the customer a mail about what is already done. A failure is only logged.
    pub(in crate::accounts) async fn notify(&self, customer: &Customer, letter: MailKind) {
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
