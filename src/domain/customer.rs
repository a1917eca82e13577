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
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
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

/// The number from which on an epoch counts imports. Below it, it counts the account's own credential events. An
/// account would need 65,536 events to reach it.
const IMPORT: u32 = 1 << 16;

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

    /// Returns the number of the account's own credential events, without imports. Stores that exchange archives agree
    /// on it, so it shows which of two records of an account is newer.
    #[must_use]
    pub const fn events(self) -> u32 {
        self.0 % IMPORT
    }

    /// Returns the epoch of an account in epoch `held` after an import of a record in this epoch, which has at least as
    /// many events. It is not earlier than either. It is later than `held` if `starts_epoch`.
    #[must_use]
    pub fn imported_over(self, held: Self, starts_epoch: bool) -> Self {
        let imports = (self.0 / IMPORT).max(held.0 / IMPORT);
        let epoch = imports * IMPORT + self.events();
        if starts_epoch && epoch <= held.0 { Self(epoch.saturating_add(IMPORT)) } else { Self(epoch) }
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

    #[test]
    fn n32_an_epoch_after_an_import_is_not_earlier_than_the_held_one_and_has_the_events_of_the_record() {
        let numbers = [0, 1, 7, IMPORT - 1, IMPORT, IMPORT + 7, 9 * IMPORT + 1, u32::MAX - 1, u32::MAX];
        for held in numbers.map(CredentialEpoch) {
            for record in numbers.map(CredentialEpoch).into_iter().filter(|record| record.events() >= held.events()) {
                let [same, other] = [false, true].map(|starts_epoch| record.imported_over(held, starts_epoch));
                assert!(same >= held && other >= same, "{held:?} {record:?}");
                assert!(other > held || held.0 > u32::MAX - IMPORT, "{held:?} {record:?}");
                assert_eq!(same.events(), record.events());
            }
        }
        let [three, six] = [3, 6].map(CredentialEpoch);
        assert_eq!(six.imported_over(three, true), six, "an epoch that is later already is kept");
    }

    proptest! {
        #[test]
        fn an_id_survives_its_writing(bytes: [u8; 12]) {
            let id = CustomerId::from_bytes(bytes);
            prop_assert_eq!(CustomerId::parse(&id.to_string()), Ok(id));
        }

        #[test]
        fn an_invalid_id_is_refused(text in ".{0,30}") {
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
