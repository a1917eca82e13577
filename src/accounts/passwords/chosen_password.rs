//! Rejects passwords that attackers try first (ASVS 5.0, 6.2.4, 6.2.11): patterns and common passwords, also if they
//! are decorated, repeated or written in other characters. The list is part of the program; no network service is used.

mod decoration;
mod few_words;
mod padding;
pub(in crate::accounts) mod work;

use self::{
    decoration::is_decorated,
    few_words::{is_two_words, is_word_and_number},
    padding::{is_padded, is_with_fillers},
};
use crate::{
    accounts::{
        core::{accounts::Core, error::Error},
        passwords::{
            common_passwords,
            repetition::{part_typed_twice, repeated_unit},
            weak_patterns,
        },
    },
    domain::{EmailAddress, Field, FieldError, FieldErrors, Password, PersonName, latin, plain},
};

/// The maximum number of characters around a common word with which it stays weak.
const MOST_DECORATION: usize = 6;

impl Core {
    /// Calls [`check`] with the name of this shop.
    ///
    /// # Errors
    /// `Invalid` for a weak password.
    pub(in crate::accounts) fn check_chosen(
        &self,
        password: &Password,
        name: &PersonName,
        email: &EmailAddress,
    ) -> Result<(), Error> {
        check(password, name, email, &self.shop)
    }
}

/// Refuses a password that attackers try first: a common one, a simple pattern, or little more than the names of its
/// owner and of the shop.
///
/// # Errors
/// `Invalid` for a weak password.
pub(in crate::accounts) fn check(
    password: &Password,
    name: &PersonName,
    email: &EmailAddress,
    shop: &str,
) -> Result<(), Error> {
    let personal = password.check_personal(Some(name), Some(email), Some(shop));
    let checked = personal.and_then(|()| if is_weak(password) { Err(FieldError::TooCommon) } else { Ok(()) });
    checked.map_err(|error| Error::Invalid(FieldErrors::one(Field::Password, error)))
}

/// Returns true if the password is common or a pattern, in plain characters or by the look of its letters, with or
/// without its repetitions.
fn is_weak(password: &Password) -> bool {
    let typed = password.expose().to_lowercase();
    // One character can stand for 18 plain ones, so the text is cut to the maximum length of a password.
    let plain: String = plain(password.expose()).chars().take(Password::MAX_LENGTH).collect();
    common_passwords::contains(&typed) || readings(&plain).any(|text| is_weak_text(&text))
}

/// Returns the plain text, its reading in Latin letters, and what is left of both without their repetitions. Yields
/// each text once. What is left is at most two thirds as long, so these are few.
fn readings(plain: &str) -> impl Iterator<Item = String> {
    let mut seen = vec![plain.to_owned()];
    push_new(&mut seen, latin(plain));
    let mut next = 0;
    std::iter::from_fn(move || {
        let text = seen.get(next)?.clone();
        next += 1;
        let units =
            forms(&text).into_iter().filter_map(|form| repeated_unit(&form).or_else(|| part_typed_twice(&form)));
        units.for_each(|unit| push_new(&mut seen, unit));
        Some(text)
    })
}

/// Returns the text, the text without separators, and only its letters and digits, each once.
fn forms(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    push_new(&mut forms, without_separators(text));
    push_new(&mut forms, alphanumeric(text));
    forms
}

fn push_new(texts: &mut Vec<String>, text: String) {
    if !texts.contains(&text) {
        texts.push(text);
    }
}

/// Returns true if a plain text is too short for a password, or one that attackers try first: as it is, or without the
/// characters between its words.
fn is_weak_text(text: &str) -> bool {
    let (whole, words) = (without_separators(text), alphanumeric(text));
    let separators = text.chars().count() - words.chars().count();
    text.chars().count() < Password::MIN_LENGTH
        || weak_patterns::is_pattern(text)
        || (whole != text && weak_patterns::is_pattern(&whole))
        || common_passwords::contains(text)
        || is_decorated(&whole, MOST_DECORATION)
        || (words != whole && separators <= MOST_DECORATION && is_decorated(&words, MOST_DECORATION - separators))
        || is_word_and_number(&whole)
        || is_two_words(&whole)
        || is_padded(&whole)
        || is_with_fillers(&whole)
}

fn without_separators(text: &str) -> String {
    text.chars().filter(|c| !is_separator(*c)).collect()
}

fn alphanumeric(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Returns true for white space and the punctuation that separates words.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '_' | '.' | ',')
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod work_tests;
