//! The lines of an archive: JSON objects with a `kind`. Only this module knows their format. The types that they are
//! made from document what the fields mean.
//!
//! An unknown field is an error: it may say that a customer must not be let in.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::texts::{Bytes, Id, SomeBytes, Time};
use crate::{
    accounts::{
        addresses::former_emails::{FormerEmail, FormerEmails},
        core::{browser::BrowserHash, link_token::LinkHash, timeline::Activity},
        lifecycle::pending_signup::TicketHash,
        mail::message::{Mail, MailId, MailKind},
        ports::{
            Address, Belonging, CustomerRecord, EmailChange, KnownBrowser, PasswordHash, Reset, Verification,
            WaitingMail,
        },
        sessions::{
            session::{Client, Device, SessionId},
            signing_key::SealedKey,
        },
    },
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Event, Language, PersonName, Role},
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
pub(super) struct CustomerLine {
    id: Id,
    name: String,
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    role: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    disabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    created_at: Time,
    updated_at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password_changed_at: Option<Time>,
    #[serde(default, skip_serializing_if = "is_first")]
    epoch: u32,
    /// Present only if the address is not verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<VerificationPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<ResetPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_change: Option<EmailChangePart>,
    /// Oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former_emails: Vec<FormerEmailPart>,
    /// Present only in archives of an earlier version, which kept one address.
    #[serde(skip_serializing)]
    former_email: Option<FormerEmailPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secured_at: Option<Time>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VerificationPart {
    hash: Bytes<32>,
    expires_at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<Bytes<32>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResetPart {
    hash: Bytes<32>,
    expires_at: Time,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EmailChangePart {
    email: String,
    hash: Bytes<32>,
    expires_at: Time,
    session: Bytes<16>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FormerEmailPart {
    email: String,
    until: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secured_at: Option<Time>,
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
fn is_first(epoch: &u32) -> bool {
    *epoch == 0
}

impl From<CustomerRecord> for CustomerLine {
    fn from(CustomerRecord { customer, password, reset, address }: CustomerRecord) -> Self {
        // Names each field, so that a new one does not compile until it is added here.
        let Customer {
            id,
            name,
            email,
            verified: _,
            disabled,
            role,
            language,
            epoch,
            password_changed_at,
            created_at,
            updated_at,
        } = customer;
        Self {
            id: Id(id),
            name: name.as_str().to_owned(),
            email: email.as_str().to_owned(),
            password: password.map(|password| password.expose().to_owned()),
            role: role.as_str().to_owned(),
            disabled,
            language: language.map(|language| language.code().to_owned()),
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            password_changed_at: password_changed_at.map(Time),
            epoch: epoch.number(),
            verification: address.verification.map(|Verification { hash, expires_at, ticket }| VerificationPart {
                hash: Bytes(hash.to_bytes()),
                expires_at: Time(expires_at),
                ticket: ticket.map(|ticket| Bytes(ticket.to_bytes())),
            }),
            reset: reset.map(|Reset { hash, expires_at }| ResetPart {
                hash: Bytes(hash.to_bytes()),
                expires_at: Time(expires_at),
            }),
            email_change: address.change.map(|EmailChange { email, hash, expires_at, session }| EmailChangePart {
                email: email.as_str().to_owned(),
                hash: Bytes(hash.to_bytes()),
                expires_at: Time(expires_at),
                session: Bytes(session.to_bytes()),
            }),
            former_emails: address.former.iter().map(FormerEmailPart::from).collect(),
            former_email: None,
            secured_at: address.secured_at.map(Time),
        }
    }
}

impl From<&FormerEmail> for FormerEmailPart {
    fn from(FormerEmail { email, until, secured_at }: &FormerEmail) -> Self {
        Self { email: email.as_str().to_owned(), until: Time(*until), secured_at: secured_at.map(Time) }
    }
}

impl CustomerLine {
    /// Returns the id of the customer.
    pub(super) fn id(&self) -> CustomerId {
        self.id.0
    }
}

/// The error for a field with an invalid value. It does not contain the value, which can be anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the field {0} is invalid")]
pub(super) struct InvalidField(&'static str);

/// Parses an address into its canonical form. With any other form, the customer could not log in.
fn email(field: &'static str, text: &str) -> Result<EmailAddress, InvalidField> {
    EmailAddress::parse(text).map_err(|_| InvalidField(field))
}

impl TryFrom<CustomerLine> for CustomerRecord {
    type Error = InvalidField;

    fn try_from(line: CustomerLine) -> Result<Self, InvalidField> {
        let change = line.email_change.map(|part| {
            Ok(EmailChange {
                email: email("emailChange.email", &part.email)?,
                hash: LinkHash::from_bytes(part.hash.0),
                expires_at: part.expires_at.0,
                session: SessionId::from_bytes(part.session.0),
            })
        });
        let former = line.former_email.into_iter().chain(line.former_emails);
        let former = former.map(|part| {
            let email = email("formerEmails.email", &part.email)?;
            Ok(FormerEmail { email, until: part.until.0, secured_at: part.secured_at.map(|at| at.0) })
        });
        let address = email("email", &line.email)?;
        Ok(Self {
            customer: Customer {
                id: line.id.0,
                name: PersonName::parse(&line.name)
                    .ok()
                    .or_else(|| PersonName::cleaned(&line.name))
                    .or_else(|| PersonName::cleaned(address.local_part()))
                    .ok_or(InvalidField("name"))?,
                email: address,
                verified: line.verification.is_none(),
                role: Role::parse(&line.role).ok_or(InvalidField("role"))?,
                disabled: line.disabled,
                language: line.language.as_deref().and_then(Language::parse),
                epoch: CredentialEpoch::new(line.epoch),
                password_changed_at: line.password_changed_at.map(|at| at.0),
                created_at: line.created_at.0,
                updated_at: line.updated_at.0,
            },
            password: line.password.map(PasswordHash::new),
            reset: line
                .reset
                .map(|part| Reset { hash: LinkHash::from_bytes(part.hash.0), expires_at: part.expires_at.0 }),
            address: Address {
                verification: line.verification.map(|part| Verification {
                    hash: LinkHash::from_bytes(part.hash.0),
                    expires_at: part.expires_at.0,
                    ticket: part.ticket.map(|ticket| TicketHash::from_bytes(ticket.0)),
                }),
                change: change.transpose()?,
                former: FormerEmails::from_store(former.collect::<Result<_, _>>()?),
                secured_at: line.secured_at.map(|at| at.0),
            },
        })
    }
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
