//! Customers as mongoose documents, including documents that other systems wrote.

use mongodb::bson::{Bson, DateTime, Document, doc, oid::ObjectId};
use time::OffsetDateTime;

use super::corrupt;
use crate::{
    accounts::ports::{Credentials, PasswordHash, StoreError},
    adapters::{from_millis, to_millis},
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Language, PersonName, Role},
};

/// The field of the account's credential epoch, which is the first if it is missing.
pub(super) const EPOCH: &str = "doorstep.epoch";
/// The field of the time when the password was last set.
pub(super) const PASSWORD_CHANGED_AT: &str = "doorstep.passwordChangedAt";

/// Returns the projection of a customer's fields. It excludes the password hash, which is read only where it is needed.
pub(super) fn customer_fields() -> Document {
    doc! {
        "name": 1, "email": 1, "role": 1, "createdAt": 1, "updatedAt": 1,
        "doorstep.verification.expires": 1, "doorstep.language": 1, "doorstep.disabled": 1, EPOCH: 1,
        PASSWORD_CHANGED_AT: 1,
    }
}

/// Returns a customer in mongoose's format, with Doorstep's fields in `own`.
pub(super) fn write(customer: &Customer, password: Option<&PasswordHash>, mut own: Document) -> Document {
    if let Some(language) = customer.language {
        own.insert("language", language.code());
    }
    if customer.disabled {
        own.insert("disabled", true);
    }
    if customer.epoch != CredentialEpoch::default() {
        own.insert("epoch", i64::from(customer.epoch.number()));
    }
    if let Some(at) = customer.password_changed_at {
        own.insert("passwordChangedAt", date(at));
    }
    let mut document = doc! {
        "_id": object_id(customer.id),
        "name": customer.name.as_str(),
        "email": customer.email.as_str(),
    };
    if let Some(password) = password {
        document.insert("password", password.expose());
    }
    document.extend(doc! {
        "role": customer.role.as_str(),
        "createdAt": date(customer.created_at),
        "updatedAt": date(customer.updated_at),
        "__v": 0,
    });
    if !own.is_empty() {
        document.insert("doorstep", own);
    }
    document
}

/// Reads a customer. Other shops may have no name, role or times, or different ones. The name is the local part of the
/// address then, as in an import, the role plain customer, and the time that of the id's creation.
pub(super) fn read_customer(document: &Document) -> Result<Customer, StoreError> {
    let id = document.get_object_id("_id").map_err(|error| unreadable(document, error))?;
    let email = document.get_str("email").map_err(|error| unreadable(document, error))?;
    let email = EmailAddress::from_store(email.to_owned());
    let created_at = match read_date(document, "createdAt") {
        Some(created_at) => created_at,
        None => from_millis(id.timestamp().timestamp_millis()).map_err(|error| unreadable(document, error))?,
    };
    let own = document.get_document("doorstep").ok();
    Ok(Customer {
        id: CustomerId::from_bytes(id.bytes()),
        name: read_name(document, &email),
        email,
        verified: !own.is_some_and(|own| own.contains_key("verification")),
        disabled: is_disabled(document),
        role: read_role(document),
        language: own.and_then(|own| Language::parse(own.get_str("language").ok()?)),
        epoch: read_epoch(document),
        password_changed_at: own.and_then(|own| read_date(own, "passwordChangedAt")),
        created_at,
        updated_at: read_date(document, "updatedAt").unwrap_or(created_at),
    })
}

fn read_name(document: &Document, email: &EmailAddress) -> PersonName {
    let name = document.get_str("name").ok().filter(|name| !name.trim().is_empty());
    PersonName::from_store(name.unwrap_or_else(|| email.local_part()).to_owned())
}

/// Reads when a customer was last changed, like [`read_customer`]. Returns `None` if it is unknown.
pub(super) fn read_updated_at(document: &Document) -> Option<OffsetDateTime> {
    let created_at = || read_date(document, "createdAt");
    let made_at = || from_millis(document.get_object_id("_id").ok()?.timestamp().timestamp_millis()).ok();
    read_date(document, "updatedAt").or_else(created_at).or_else(made_at)
}

/// Reads the customer's role. An unknown one grants nothing.
pub(super) fn read_role(document: &Document) -> Role {
    document.get_str("role").map_or_else(|_| Role::default(), Role::from_store)
}

/// Returns true if the shop has disabled the account. Any stored value but `false` counts as disabled.
pub(super) fn is_disabled(document: &Document) -> bool {
    let disabled = document.get_document("doorstep").ok().and_then(|own| own.get("disabled"));
    !matches!(disabled, None | Some(Bson::Null | Bson::Boolean(false)))
}

/// Reads the account's credential epoch. Accepts a number that MongoDB's shell wrote. Any other value counts as later
/// than every issued epoch.
pub(super) fn read_epoch(document: &Document) -> CredentialEpoch {
    match document.get_document("doorstep").ok().and_then(|own| own.get("epoch")) {
        None => CredentialEpoch::default(),
        Some(Bson::Int32(number)) => u32::try_from(*number).map_or(CredentialEpoch::MAX, CredentialEpoch::new),
        Some(Bson::Int64(number)) => u32::try_from(*number).map_or(CredentialEpoch::MAX, CredentialEpoch::new),
        Some(_) => CredentialEpoch::MAX,
    }
}

/// Reads a customer with their password hash. Returns `None` for a customer without a password: other shops have
/// customers who log in with Google, for example.
pub(super) fn read_credentials(document: &Document) -> Result<Option<Credentials>, StoreError> {
    let Some(password) = read_password(document) else { return Ok(None) };
    Ok(Some(Credentials { customer: read_customer(document)?, password }))
}

/// Reads the password hash. Anything but text counts as missing.
pub(super) fn read_password(document: &Document) -> Option<PasswordHash> {
    document.get_str("password").ok().map(|password| PasswordHash::new(password.to_owned()))
}

pub(super) fn object_id(id: CustomerId) -> ObjectId {
    ObjectId::from_bytes(id.to_bytes())
}

pub(super) fn date(time: OffsetDateTime) -> DateTime {
    DateTime::from_millis(to_millis(time))
}

pub(super) fn read_date(document: &Document, field: &str) -> Option<OffsetDateTime> {
    from_millis(document.get_datetime(field).ok()?.timestamp_millis()).ok()
}

fn unreadable(document: &Document, error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    corrupt(document.get("_id").map_or_else(|| "a customer without _id".to_owned(), ToString::to_string), error)
}
