//! The passwords that attackers try first, so that nobody's account opens with one of them (ASVS 5.0, 6.2.4, 6.2.11). The
//! list ships with the program; nothing is asked over a network.

use std::sync::LazyLock;

use super::{Accounts, Error};
use crate::domain::{EmailAddress, Field, FieldError, FieldErrors, Password, PersonName};

/// The 10,000 most common passwords of 8 characters or more, in lower case, sorted bytewise, one a line.
static LIST: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

impl Accounts {
    /// [`check`], for this shop.
    ///
    /// # Errors
    /// `Invalid`
    pub(super) fn check_chosen(
        &self,
        password: &Password,
        name: &PersonName,
        email: &EmailAddress,
    ) -> Result<(), Error> {
        check(password, name, email, &self.shop)
    }
}

/// Refuses a password that others try first: one of the most common, or little more than the names of whose it is and of the
/// shop.
///
/// # Errors
/// `Invalid`
pub(super) fn check(password: &Password, name: &PersonName, email: &EmailAddress, shop: &str) -> Result<(), Error> {
    let checked = if contains(password) {
        Err(FieldError::TooCommon)
    } else {
        password.check_personal(Some(name), Some(email), Some(shop))
    };
    checked.map_err(|error| Error::Invalid(FieldErrors::one(Field::Password, error)))
}

/// Whether `password`, however it is capitalised, is among them.
fn contains(password: &Password) -> bool {
    LIST.binary_search(&password.expose().to_lowercase().as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r5_the_list_is_what_it_says() {
        assert_eq!(LIST.len(), 10_000);
        assert!(LIST.is_sorted());
        assert!(LIST.iter().all(|line| line.chars().count() >= Password::MIN_LENGTH));
    }

    #[test]
    fn r5_common_passwords_are_found_in_any_case() {
        for typed in ["password", "Password1", "QWERTYUIOP", "iloveyou", "1234567890"] {
            assert!(contains(&Password::parse(typed).unwrap()), "{typed}");
        }
        assert!(!contains(&Password::parse("seven tall herons").unwrap()));
    }
}
