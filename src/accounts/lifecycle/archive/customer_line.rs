//! The line of a customer.

use serde::{Deserialize, Serialize};

use super::{
    format::{InvalidField, email, is_first},
    texts::{Bytes, Id, Time},
};
use crate::{
    accounts::{
        addresses::former_emails::{FormerEmail, FormerEmails},
        core::link_token::LinkHash,
        lifecycle::pending_signup::TicketHash,
        ports::{Address, CustomerRecord, EmailChange, PasswordHash, Reset, Verification},
        sessions::session::SessionId,
    },
    domain::{CredentialEpoch, Customer, CustomerId, Language, PersonName, Role},
};

/// A customer, with what is pending for their address and password.
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
