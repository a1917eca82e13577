//! The lines of an archive: JSON objects with a `kind`. Only this module knows their format. The types that they are
//! made from document what the fields mean.
//!
//! An unknown field is an error: it may say that a customer must not be let in.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{
    customer_line::CustomerLine,
    texts::{Bytes, Id, SomeBytes, Time},
};
use crate::{
    accounts::{
        core::{browser::BrowserHash, timeline::Activity},
        mail::message::{Mail, MailId, MailKind},
        ports::{Belonging, KnownBrowser, WaitingMail},
        sessions::{
            session::{Client, Device},
            signing_key::SealedKey,
        },
    },
    domain::{CredentialEpoch, CustomerId, EmailAddress, Event, Language},
};

/// The version of the format, which is in the first line. A program reads only its own version.
pub(super) const VERSION: u32 = 1;

/// A line of an archive.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    /// The first line.
    Doorstep {
        version: u32,
    },
    SigningKey(SigningKeyLine),
    /// A customer, before all lines that belong to them.
    Customer(Box<CustomerLine>),
    Browser(BrowserLine),
    Activity(ActivityLine),
    Mail(Box<MailLine>),
    /// The last line, with the number of records. It shows that none are missing.
    End {
        records: u64,
    },
}

impl Line {
    /// Returns the customer that the line is about, or `None` if it is about none.
    pub(super) fn customer(&self) -> Option<CustomerId> {
        match self {
            Self::Customer(line) => Some(line.id()),
            Self::Browser(line) => Some(line.customer.0),
            Self::Activity(line) => Some(line.customer.0),
            Self::Mail(line) => Some(line.customer.0),
            Self::Doorstep { .. } | Self::SigningKey(_) | Self::End { .. } => None,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BrowserLine {
    customer: Id,
    browser: Bytes<32>,
    #[serde(default, skip_serializing_if = "is_first")]
    epoch: u32,
    expires_at: Time,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ActivityLine {
    customer: Id,
    event: Event,
    at: Time,
    count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientPart>,
    expires_at: Time,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClientPart {
    address: IpAddr,
    browser: String,
    system: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MailLine {
    id: Bytes<16>,
    customer: Id,
    to: String,
    name: String,
    /// In the same format as in stores.
    letter: MailKind,
    language: Language,
    written_at: Time,
    due_at: Time,
    attempts: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SigningKeyLine {
    number: u32,
    created_at: Time,
    signs_from: Time,
    sealed: SomeBytes,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(super) fn is_first(epoch: &u32) -> bool {
    *epoch == 0
}

/// The error for a field with an invalid value. It does not contain the value, which can be anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the field {0} is invalid")]
pub(super) struct InvalidField(pub(super) &'static str);

/// Parses an address into its canonical form. With any other form, the customer could not log in.
pub(super) fn email(field: &'static str, text: &str) -> Result<EmailAddress, InvalidField> {
    EmailAddress::parse(text).map_err(|_| InvalidField(field))
}

impl From<Belonging> for Line {
    fn from(belonging: Belonging) -> Self {
        match belonging {
            Belonging::Browser(KnownBrowser { customer, browser, epoch, expires_at }) => Self::Browser(BrowserLine {
                customer: Id(customer),
                browser: Bytes(browser.to_bytes()),
                epoch: epoch.number(),
                expires_at: Time(expires_at),
            }),
            Belonging::Activity(Activity { customer, event, at, count, client, expires_at }) => {
                let client = client.map(|Client { address, device: Device { browser, system }, .. }| ClientPart {
                    address,
                    browser,
                    system,
                });
                let (customer, at, expires_at) = (Id(customer), Time(at), Time(expires_at));
                Self::Activity(ActivityLine { customer, event, at, count, client, expires_at })
            }
            Belonging::Mail(waiting) => {
                let WaitingMail { mail, due_at, attempts } = *waiting;
                Self::Mail(Box::new(MailLine {
                    id: Bytes(mail.id.to_bytes()),
                    customer: Id(mail.customer),
                    to: mail.to.as_str().to_owned(),
                    name: mail.stored_name().to_owned(),
                    letter: mail.letter,
                    language: mail.language,
                    written_at: Time(mail.written_at),
                    due_at: Time(due_at),
                    attempts,
                }))
            }
        }
    }
}

impl From<BrowserLine> for Belonging {
    fn from(BrowserLine { customer, browser, epoch, expires_at }: BrowserLine) -> Self {
        let (browser, epoch) = (BrowserHash::from_bytes(browser.0), CredentialEpoch::new(epoch));
        Self::Browser(KnownBrowser { customer: customer.0, browser, epoch, expires_at: expires_at.0 })
    }
}

impl From<ActivityLine> for Belonging {
    fn from(ActivityLine { customer, event, at, count, client, expires_at }: ActivityLine) -> Self {
        let client = client.map(|ClientPart { address, browser, system }| Client {
            address,
            device: Device { browser, system },
            language: None,
        });
        Self::Activity(Activity { customer: customer.0, event, at: at.0, count, client, expires_at: expires_at.0 })
    }
}

impl TryFrom<MailLine> for Belonging {
    type Error = InvalidField;

    fn try_from(line: MailLine) -> Result<Self, InvalidField> {
        let mail = Mail {
            id: MailId::from_bytes(line.id.0),
            customer: line.customer.0,
            to: email("to", &line.to)?,
            name: Mail::name_from_store(line.name),
            letter: line.letter,
            language: line.language,
            written_at: line.written_at.0,
        };
        Ok(Self::Mail(Box::new(WaitingMail { mail, due_at: line.due_at.0, attempts: line.attempts })))
    }
}

impl From<SealedKey> for SigningKeyLine {
    fn from(SealedKey { number, created_at, signs_from, sealed }: SealedKey) -> Self {
        Self { number, created_at: Time(created_at), signs_from: Time(signs_from), sealed: SomeBytes(sealed) }
    }
}

impl From<SigningKeyLine> for SealedKey {
    fn from(SigningKeyLine { number, created_at, signs_from, sealed }: SigningKeyLine) -> Self {
        Self { number, created_at: created_at.0, signs_from: signs_from.0, sealed: sealed.0 }
    }
}
