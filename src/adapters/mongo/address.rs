//! The state of a customer's address, in the field `doorstep` of their document.

use mongodb::bson::{Binary, Document, doc, spec::BinarySubtype};
use time::OffsetDateTime;

use super::document::{date, read_date};
use crate::{
    accounts::{
        FormerEmail, FormerEmails, LinkHash, SessionId, TicketHash,
        ports::{Address, EmailChange, Verification},
    },
    domain::EmailAddress,
};

pub(super) fn verification(Verification { hash, expires_at, ticket }: &Verification) -> Document {
    let mut document = doc! { "hash": binary(&hash.to_bytes()), "expires": date(*expires_at) };
    if let Some(ticket) = ticket {
        document.insert("ticket", binary(&ticket.to_bytes()));
    }
    document
}

pub(super) fn change(EmailChange { email, hash, expires_at, session }: &EmailChange) -> Document {
    doc! {
        "email": email.as_str(),
        "hash": binary(&hash.to_bytes()),
        "expires": date(*expires_at),
        "session": binary(&session.to_bytes()),
    }
}

/// Returns the former addresses, the oldest first.
pub(super) fn former(former: &FormerEmails) -> Vec<Document> {
    let document = |FormerEmail { email, until, secured_at }: &FormerEmail| {
        let mut document = doc! { "email": email.as_str(), "until": date(*until) };
        if let Some(at) = secured_at {
            document.insert("securedAt", date(*at));
        }
        document
    };
    former.iter().map(document).collect()
}

pub(super) fn binary(bytes: &[u8]) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() }
}

/// Reads the fields from `own`, the Doorstep part of a customer's document. Returns `None` if they are malformed.
pub(super) fn read(own: &Document) -> Option<Address> {
    let part = |name| own.get_document(name).ok();
    Some(Address {
        verification: part("verification").map_or(Some(None), |part| read_verification(part).map(Some))?,
        change: part("change").map_or(Some(None), |part| read_change(part).map(Some))?,
        former: read_former_emails(own)?,
        secured_at: read_date(own, "securedAt"),
    })
}

/// Reads the verification. A credential event removes the hash: the address is still unverified, and the link is void.
fn read_verification(part: &Document) -> Option<Verification> {
    if !part.contains_key("hash") {
        let hash = LinkHash::from_bytes([0; 32]);
        let ticket = bytes(part, "ticket").map(TicketHash::from_bytes);
        return Some(Verification { hash, expires_at: OffsetDateTime::UNIX_EPOCH, ticket });
    }
    Some(Verification {
        hash: LinkHash::from_bytes(bytes(part, "hash")?),
        expires_at: read_date(part, "expires")?,
        ticket: bytes(part, "ticket").map(TicketHash::from_bytes),
    })
}

fn read_change(part: &Document) -> Option<EmailChange> {
    Some(EmailChange {
        email: email(part)?,
        hash: LinkHash::from_bytes(bytes(part, "hash")?),
        expires_at: read_date(part, "expires")?,
        session: SessionId::from_bytes(bytes(part, "session")?),
    })
}

fn read_former_emails(own: &Document) -> Option<FormerEmails> {
    let stored: Vec<FormerEmail> = match own.get_array("formerEmails") {
        Ok(all) => all.iter().map(|part| read_former(part.as_document()?)).collect::<Option<_>>()?,
        // An earlier version stored one former address.
        Err(_) => own
            .get_document("former")
            .ok()
            .map(read_former)
            .map_or(Some(None), |former| former.map(Some))?
            .into_iter()
            .collect(),
    };
    Some(FormerEmails::from_store(stored))
}

fn read_former(part: &Document) -> Option<FormerEmail> {
    Some(FormerEmail {
        email: email(part)?,
        until: read_date(part, "until")?,
        secured_at: read_date(part, "securedAt"),
    })
}

fn email(part: &Document) -> Option<EmailAddress> {
    Some(EmailAddress::from_store(part.get_str("email").ok()?.to_owned()))
}

pub(super) fn bytes<const N: usize>(part: &Document, field: &str) -> Option<[u8; N]> {
    part.get_binary_generic(field).ok()?.as_slice().try_into().ok()
}
