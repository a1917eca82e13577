//! Rejects the passwords that attackers try first (ASVS 5.0, 6.2.4, 6.2.11): common ones, also when they are decorated or
//! written in other characters, and patterns. The list is part of the program; nothing is asked over a network.

use super::{Accounts, Error, common_passwords, weak_patterns};
use crate::domain::{EmailAddress, Field, FieldError, FieldErrors, Password, PersonName};

/// How many characters around a common word do not make a password of it.
const MOST_DECORATION: usize = 6;

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

/// Refuses a password that others try first: a common one, a simple pattern, or little more than the names of its owner and of
/// the shop.
///
/// # Errors
/// `Invalid`
pub(super) fn check(password: &Password, name: &PersonName, email: &EmailAddress, shop: &str) -> Result<(), Error> {
    let personal = password.check_personal(Some(name), Some(email), Some(shop));
    let checked = personal.and_then(|()| if is_weak(password) { Err(FieldError::TooCommon) } else { Ok(()) });
    checked.map_err(|error| Error::Invalid(FieldErrors::one(Field::Password, error)))
}

/// Returns true if the password is common or a pattern: as it is, without what decorates it, and with the letters that its
/// digits and symbols stand for.
fn is_weak(password: &Password) -> bool {
    let typed = password.expose().to_lowercase();
    let whole = without_separators(&typed);
    let core = whole.trim_matches(|c: char| !c.is_alphabetic());
    // "P4ssw0rd": stripped from the end alone, where the first letter is written as a symbol.
    let head = whole.trim_end_matches(|c: char| !c.is_alphabetic());
    let decoration = whole.chars().count() - core.chars().count();
    weak_patterns::is_pattern(&typed)
        || common_passwords::contains(&typed)
        || [&whole, core, head].into_iter().flat_map(spellings).any(|text| {
            common_passwords::contains(&text)
                || repeated_half(&text).is_some_and(common_passwords::contains)
                || weak_patterns::is_calendar_word(&text)
                || (decoration <= MOST_DECORATION && common_passwords::contains_word(&text))
        })
}

/// Returns the text without white space and the punctuation that separates words.
fn without_separators(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '.' | ',')).collect()
}

/// Returns the text, and with the letters that its digits and symbols may stand for.
fn spellings(text: &str) -> [String; 3] {
    let read = |one: char| {
        let letter = |c: char| match c {
            '0' => 'o',
            '1' | '!' | '|' => one,
            '2' => 'z',
            '3' | '€' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '6' | '9' => 'g',
            '7' | '+' => 't',
            '8' => 'b',
            _ => c,
        };
        text.chars().map(letter).collect()
    };
    [text.to_owned(), read('i'), read('l')]
}

/// Returns what is written twice, if the text is that.
fn repeated_half(text: &str) -> Option<&str> {
    let (first, second) = text.split_at_checked(text.len() / 2)?;
    (first == second).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weak(typed: &str) -> bool {
        is_weak(&Password::parse(typed).unwrap())
    }

    #[test]
    fn r5_common_passwords_are_found_in_any_case() {
        for typed in ["password", "Password1", "QWERTYUIOP", "iloveyou", "1234567890", "doomsayer.2.7mords.v"] {
            assert!(weak(typed), "{typed}");
        }
        assert!(!weak("seven tall herons"));
    }

    #[test]
    fn n27_r5_decorated_and_disguised_common_passwords_are_weak() {
        for typed in [
            "Password123!",
            "P@ssw0rd2026",
            "p4$$w0rd!!",
            "!!Dragon2026",
            "M0nk3y123!",
            "qwerty2026!",
            "iloveyou<3",
            "1loveyou!!",
            "1etmein99",
            "Welcome2024",
            "Admin@123",
            "letmein!1",
            "passwordpassword",
            "sunshine1sunshine1",
            "trustno1trustno1",
            "football1football1",
            "p a s s w o r d",
            "pass-word-1",
            "Sunshine_99",
            "$unshine1",
            "basebal1",
            "master123456",
            "rahasia123",
            "sayang2024",
            "Indonesia45!",
        ] {
            assert!(weak(typed), "{typed}");
        }
    }

    #[test]
    fn n27_r5_blanks_repeats_sequences_and_dates_are_weak() {
        for typed in [
            "        ",
            "\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}",
            "\u{200b}\u{200b}  \u{200b}\u{200b}\u{3164}\u{3164}",
            "aaaaaaaa",
            "abababab",
            "abcabcabc",
            "xyxyxyxyx",
            "abbabaab",
            "!!!!!!!!",
            "😀😀😀😀😀😀😀😀",
            "aaaabbbb",
            "12345678",
            "87654321",
            "abcdefgh",
            "hgfedcba",
            "qwertyui",
            "asdfghjk",
            "asdfgh9z",
            "poiuytre",
            "1q2w3e4r",
            "1qaz2wsx",
            "qazwsxedc",
            "!@#$%^&*",
            "abcd1234",
            "abc123xyz",
            "1122334455",
            "Summer2026!",
            "winter24",
            "Winter24!",
            "spring-2025",
            "2026Autumn",
            "January2026",
            "jan2026!",
            "Agustus1945",
            "17agustus1945",
            "musim hujan 2026",
            "Kemarau2026!",
            "Desember_24",
            "Monday123!",
            "Senin2026",
            "summ3r2026",
            "Summ3r20261231",
            "mus1mhuj4n2026",
            "Mus1m_kem4rau!",
            "19900101",
            "01-01-1990",
        ] {
            assert!(weak(typed), "{typed}");
        }
    }

    #[test]
    fn n27_r5_strong_passwords_are_not_weak() {
        for typed in [
            "seven tall herons",
            "nine short otters",
            "correct horse battery staple",
            "tujuh bangau tinggi",
            "Xk7#mQ2p",
            "my summer in 1969 was rainy",
            "kucing hitam di atap",
            "9fj2-kk3l-xx0a",
            "éàüößñçø",
            "七只高大的苍鹭在湖边",
            "w8Rt!zLp0q",
            // Its last four digits are no day.
            "20319931",
            // A word of six letters, with seven characters around it.
            "dragon8261937",
            &"😀".repeat(64),
            &format!("{}x", "a".repeat(72)),
        ] {
            assert!(!weak(typed), "{typed}");
        }
    }
}
