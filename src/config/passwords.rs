//! The cost of hashing passwords.

use super::reader::Reader;

/// `BCRYPT_COST`.
#[derive(Clone, Copy, Debug)]
pub struct PasswordsConfig {
    /// The base-2 logarithm of the rounds, 10 to 15. Lower values, from 4, are for development and tests on loopback
    /// only.
    pub bcrypt_cost: u32,
}

impl PasswordsConfig {
    pub(super) fn read(reader: &mut Reader, loopback: bool) -> Self {
        let least = if loopback { 4 } else { 10 };
        let form = "a number from 10 to 15 (lower only with a loopback PUBLIC_URL)";
        let bcrypt_cost = reader
            .parse_with("BCRYPT_COST", 12, form, |text| text.parse().ok().filter(|cost| (least..=15).contains(cost)));
        Self { bcrypt_cost }
    }
}
