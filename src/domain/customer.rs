//! The customer: id, role, credential epoch and record.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{EmailAddress, Language, PersonName};

/// A customer's id: 12 bytes, written as 24 hex digits. Has the format of a MongoDB `ObjectId` in every store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CustomerId([u8; 12]);

impl CustomerId {
    /// An id that no customer has: the ids of customers begin with the time of their creation.
    pub const NOBODY: Self = Self([0; 12]);

    /// Returns a new id in the format of an `ObjectId`: the current second, then eight random bytes.
    #[must_use]
    pub fn new(now: OffsetDateTime, random: [u8; 8]) -> Self {
        // An `ObjectId` holds the low 32 bits of the seconds by definition. They wrap in 2106.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "defined as the low 32 bits")]
        let seconds = (now.unix_timestamp() as u32).to_be_bytes();
        let mut id = [0; 12];
        id[..4].copy_from_slice(&seconds);
        id[4..].copy_from_slice(&random);
        Self(id)
    }

    #[must_use]
    pub fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn to_bytes(self) -> [u8; 12] {
        self.0
    }

    /// Parses 24 hex digits.
    ///
    /// # Errors
    /// [`MalformedId`] for anything else.
    pub fn parse(hex: &str) -> Result<Self, MalformedId> {
        let digits = hex.as_bytes();
        if digits.len() != 24 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(MalformedId);
        }
        let mut id = [0; 12];
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| MalformedId)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| MalformedId)?;
        }
        Ok(Self(id))
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomerId({self})")
    }
}

/// The error for a text that is not a customer id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 24 hex digits")]
pub struct MalformedId;

/// What a customer may do in the shop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    #[default]
    Customer,
    Admin,
}

impl Role {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Admin => "admin",
        }
    }

    /// Parses the output of [`Self::as_str`]. Returns `None` for anything else.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Customer, Self::Admin].into_iter().find(|role| role.as_str() == name)
    }

    /// Reads a stored role. A role that this system does not know, such as another shop's `user`, becomes a plain
    /// customer: an unknown word must never grant more.
    #[must_use]
    pub fn from_store(stored: &str) -> Self {
        if stored == "admin" { Self::Admin } else { Self::Customer }
    }
}

/// The number of credential events of an account: a new password, a reset, another address, "sign out all other
/// devices", a disabled account. Sessions and known browsers carry the epoch they were issued in, and are void once the
/// account has a later one (ASVS 5.0, 7.4.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialEpoch(u32);

impl CredentialEpoch {
    /// Later than the epoch of any account.
    pub const MAX: Self = Self(u32::MAX);

    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Returns the epoch that the next credential event starts.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A customer as the shop knows them. The hash of the password is not part of it (see `accounts::ports::Credentials`),
/// so that it cannot be shown by accident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    pub id: CustomerId,
    pub name: PersonName,
    pub email: EmailAddress,
    /// True if the address is known to be the customer's: they did not sign up here, or proved that they can read its
    /// mail.
    pub verified: bool,
    /// True if the shop has disabled the account: it has no sessions, and no password is accepted.
    pub disabled: bool,
    pub role: Role,
    /// The language of mails to the customer. `None` for accounts that are older than this setting.
    pub language: Option<Language>,
    /// The account's current credential epoch.
    pub epoch: CredentialEpoch,
    /// When the password was last set, in UTC, to the millisecond. `None` if that is unknown: for an account that was
    /// imported, or made before this was stored.
    pub password_changed_at: Option<OffsetDateTime>,
    /// When the account was created, in UTC, to the millisecond.
    pub created_at: OffsetDateTime,
    /// When it was last changed, in UTC, to the millisecond.
    pub updated_at: OffsetDateTime,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_survives_its_writing(bytes: [u8; 12]) {
            let id = CustomerId::from_bytes(bytes);
            prop_assert_eq!(CustomerId::parse(&id.to_string()), Ok(id));
        }

        #[test]
        fn what_is_no_id_is_refused(text in ".{0,30}") {
            if let Ok(id) = CustomerId::parse(&text) {
                prop_assert_eq!(id.to_string(), text.to_lowercase());
            }
        }
    }

    #[test]
    fn an_unknown_role_is_a_plain_customer() {
        assert_eq!(Role::from_store("admin"), Role::Admin);
        for stored in ["customer", "user", "ADMIN", "root", ""] {
            assert_eq!(Role::from_store(stored), Role::Customer, "{stored}");
        }
    }
}
