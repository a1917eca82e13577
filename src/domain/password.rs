//! Passwords, from input to hashing.

use std::fmt;

use zeroize::Zeroizing;

use super::{EmailAddress, FieldError, PersonName, latin, plain, reversed, spellings};
use crate::platform;

/// The name of this program. Attackers know it as well as the shop's name.
const PRODUCT: &str = "doorstep";

/// Shorter words occur in too many good passwords to be forbidden.
const SHORTEST_PERSONAL_WORD: usize = 3;

/// The minimum number of code points that have to remain once all personal words are removed.
const LEAST_WITHOUT_PERSONAL_WORDS: usize = 6;

/// A new password: 8 to 128 code points in NFC, of any composition (ASVS 5.0, 6.2.1, 6.2.5, 6.2.9).
///
/// It has no printable form and is wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The shortest password, in code points.
    pub const MIN_LENGTH: usize = 8;
    /// The longest password, in code points.
    pub const MAX_LENGTH: usize = 128;

    /// Parses a new password as it was typed. Spaces count, and nothing is trimmed.
    ///
    /// # Errors
    /// `Required` if it is empty, `TooShort` or `TooLong` by code points, `Malformed` if it contains a NUL.
    pub fn parse(typed: &str) -> Result<Self, FieldError> {
        if typed.is_empty() {
            return Err(FieldError::Required);
        }
        if typed.contains('\0') {
            return Err(FieldError::Malformed);
        }
        let normal = Zeroizing::new(platform::nfc(typed));
        match normal.chars().count() {
            ..Self::MIN_LENGTH => Err(FieldError::TooShort),
            Self::MIN_LENGTH..=Self::MAX_LENGTH => Ok(Self(normal)),
            _ => Err(FieldError::TooLong),
        }
    }

    /// Refuses a password that is little more than the customer's name or email, or the shop's name (ASVS 5.0, 6.2.11).
    /// Also detects leetspeak, reversed words and lookalike characters. Pass `None` for values that are unknown.
    ///
    /// # Errors
    /// `TooPersonal` if fewer than six code points are left once those words are removed.
    pub fn check_personal(
        &self,
        name: Option<&PersonName>,
        email: Option<&EmailAddress>,
        shop: Option<&str>,
    ) -> Result<(), FieldError> {
        let words = personal_words(name, email, shop);
        let is_personal = readings(&self.0).iter().any(|reading| is_made_of(reading, &words));
        if is_personal { Err(FieldError::TooPersonal) } else { Ok(()) }
    }

    /// Returns the password itself, for the hasher only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Returns the words that do not count in a password, in plain characters, the longest first.
fn personal_words(
    name: Option<&PersonName>,
    email: Option<&EmailAddress>,
    shop: Option<&str>,
) -> Vec<Zeroizing<String>> {
    let whole = [email.map(EmailAddress::as_str), shop, Some(PRODUCT)].map(|text| plain(text.unwrap_or_default()));
    let name = plain(name.map(PersonName::as_str).unwrap_or_default());
    let parts = whole.iter().chain([&name]).flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let mut words: Vec<_> = parts.map(|word| Zeroizing::new(word.to_owned())).collect();
    words.extend(whole);
    words.retain(|word| word.chars().count() >= SHORTEST_PERSONAL_WORD);
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}

/// Returns the possible readings of a password: in plain characters, with letters for digits and symbols, and each of
/// these reversed.
fn readings(password: &str) -> Vec<Zeroizing<String>> {
    let plain = plain(password);
    let spelled = [plain.to_string(), latin(&plain)].iter().flat_map(|text| spellings(text)).collect::<Vec<_>>();
    let backwards: Vec<_> = spelled.iter().map(|text| reversed(text)).collect();
    spelled.into_iter().chain(backwards).map(Zeroizing::new).collect()
}

/// Returns true if little is left of the text once these words are removed.
fn is_made_of(text: &str, words: &[Zeroizing<String>]) -> bool {
    let mut rest = Zeroizing::new(text.to_owned());
    for word in words {
        rest = Zeroizing::new(rest.replace(word.as_str(), ""));
    }
    let left = rest.chars().filter(|c| c.is_alphanumeric()).count();
    rest.len() < text.len() && left < LEAST_WITHOUT_PERSONAL_WORDS
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

/// A password that was entered to log in or to confirm an action. Any text is allowed: the password may have been
/// chosen under other rules, for example in another shop system.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordAttempt {
    typed: Zeroizing<String>,
    normal: Zeroizing<String>,
}

impl PasswordAttempt {
    /// Parses a password as it was typed at a login.
    ///
    /// # Errors
    /// `Required` if it is empty.
    pub fn parse(typed: &str) -> Result<Self, FieldError> {
        if typed.is_empty() {
            return Err(FieldError::Required);
        }
        Ok(Self { typed: Zeroizing::new(typed.to_owned()), normal: Zeroizing::new(platform::nfc(typed)) })
    }

    /// Returns the bytes as typed, which is what other systems hashed.
    #[must_use]
    pub fn expose_typed(&self) -> &str {
        &self.typed
    }

    /// Returns the password in NFC, which is what this system hashes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.normal
    }
}

impl fmt::Debug for PasswordAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordAttempt(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r4_length_counts_code_points() {
        assert_eq!(Password::parse("1234567"), Err(FieldError::TooShort));
        assert!(Password::parse("12345678").is_ok());
        assert!(Password::parse(&"😀".repeat(64)).is_ok());
        assert!(Password::parse(&"é".repeat(128)).is_ok());
        assert_eq!(Password::parse(&"é".repeat(129)), Err(FieldError::TooLong));
        assert_eq!(Password::parse(""), Err(FieldError::Required));
        assert!(Password::parse("        ").is_ok());
    }

    #[test]
    fn a_nul_in_a_password_is_refused() {
        assert_eq!(Password::parse("correct\0horse"), Err(FieldError::Malformed));
    }

    #[test]
    fn two_spellings_of_one_text_are_one_password() {
        assert_eq!(Password::parse("cafe\u{301} noir"), Password::parse("café noir"));
    }

    #[test]
    fn a_password_never_prints_itself() {
        let password = Password::parse("tr0ub4dor&3").unwrap();
        let attempt = PasswordAttempt::parse("tr0ub4dor&3").unwrap();
        assert!(!format!("{password:?}{attempt:?}").contains("tr0ub4dor"));
    }

    #[test]
    fn r5_own_name_email_and_the_shop_make_no_password() {
        let name = PersonName::parse("Ada Lovelace").unwrap();
        let email = EmailAddress::parse("countess@analytical.example").unwrap();
        let check =
            |typed: &str| Password::parse(typed).unwrap().check_personal(Some(&name), Some(&email), Some("Tea & Co"));
        for typed in [
            "AdaLovelace",
            "lovelace1815",
            "lovelace12345",
            "Countess1!",
            "countess@analytical.example",
            "Tea2026!",
            "ada-tea-lovelace",
            "analytical",
        ] {
            assert_eq!(check(typed), Err(FieldError::TooPersonal), "{typed}");
        }
        for typed in ["correct horse battery", "lovelace and a long walk", "lovelace123456", "12345abcdef"] {
            assert_eq!(check(typed), Ok(()), "{typed}");
        }
    }

    #[test]
    fn a_shop_name_of_one_or_two_letters_forbids_no_password() {
        for shop in ["A", "an", ""] {
            let checked = Password::parse("banana 12").unwrap().check_personal(None, None, Some(shop));
            assert_eq!(checked, Ok(()), "{shop}");
        }
    }
}
