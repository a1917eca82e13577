//! Rejects the passwords that attackers try first (ASVS 5.0, 6.2.4, 6.2.11): common ones, also when they are decorated,
//! repeated or written in other characters, and patterns. The list is part of the program; nothing is asked over a network.

use std::ops::Range;

use super::{Accounts, Error, calendar, common_passwords, repetition::repeated_unit, weak_patterns};
use crate::domain::{
    EmailAddress, Field, FieldError, FieldErrors, Password, PersonName, latin, plain, reversed, spellings,
};

/// How many characters around a common word do not make a password of it.
const MOST_DECORATION: usize = 6;

/// Words in front of a common password that do not make a password of it.
const ARTICLES: [&str; 6] = ["the", "my", "our", "your", "new", "old"];

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

/// Returns true if the password is common or a pattern, in plain characters or by the look of its letters.
fn is_weak(password: &Password) -> bool {
    let typed = password.expose().to_lowercase();
    let plain = plain(password.expose());
    let latin = latin(&plain);
    common_passwords::contains(&typed) || is_weak_text(&plain) || (latin != *plain && is_weak_text(&latin))
}

/// Returns true if a plain text is too short for a password, or one that attackers try first: as it is, without the
/// characters between its words, or as often as it is repeated.
fn is_weak_text(text: &str) -> bool {
    let whole: String = text.chars().filter(|c| !is_separator(*c)).collect();
    let words: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let separators = text.chars().count() - words.chars().count();
    text.chars().count() < Password::MIN_LENGTH
        || weak_patterns::is_pattern(text)
        || weak_patterns::is_pattern(&whole)
        || common_passwords::contains(text)
        || is_decorated(&whole, MOST_DECORATION)
        || (separators <= MOST_DECORATION && is_decorated(&words, MOST_DECORATION - separators))
        || [text, &whole, &words].into_iter().any(|text| repeated_unit(text).is_some_and(|unit| is_weak_text(&unit)))
}

/// White space and the punctuation that separates words.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '_' | '.' | ',')
}

/// Returns true for a common password or a word with at most so many characters around it, also in leetspeak and backwards.
fn is_decorated(text: &str, most_decoration: usize) -> bool {
    cores(text).into_iter().any(|range| {
        let is_whole_number = !splits_number(text, range.start) && !splits_number(text, range.end);
        let core = &text[range];
        let is_word_enough = text.chars().count() - core.chars().count() <= most_decoration;
        let is_known = |text: &str| is_known(text, is_word_enough) || is_known(&reversed(text), is_word_enough);
        let [as_typed, with_i, with_l] = spellings(core);
        let is_leet = |text: &String| core.contains(char::is_alphabetic) && text.chars().all(char::is_alphabetic);
        (is_whole_number && is_known(&as_typed))
            || [with_i, with_l].iter().filter(|text| is_leet(text)).any(|text| is_known(text))
    })
}

/// Returns where the text is without what may decorate it. A digit or symbol at an end is tried both as decoration and as a
/// letter of the word: "Ch4ng3m3!" is "changeme".
fn cores(text: &str) -> Vec<Range<usize>> {
    let is_decoration = |(_, c): &(usize, char)| !c.is_alphabetic();
    let leading = text.char_indices().take_while(is_decoration).map(|(start, c)| start + c.len_utf8());
    let trailing = text.char_indices().rev().take_while(is_decoration).map(|(start, _)| start);
    let starts = all_and_few(0, leading);
    let ends = all_and_few(text.len(), trailing);
    starts.iter().flat_map(|start| ends.iter().map(|end| *start..*end)).filter(|core| core.start <= core.end).collect()
}

/// Returns the first of these places and the last.
fn all_and_few(none: usize, places: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut places: Vec<usize> = std::iter::once(none).chain(places).collect();
    if let (Some(all), true) = (places.last().copied(), places.len() > MOST_DECORATION) {
        places.truncate(MOST_DECORATION + 1);
        places.push(all);
        places.dedup();
    }
    places
}

/// Returns true if the characters before and after this place are digits.
fn splits_number(text: &str, place: usize) -> bool {
    text[..place].ends_with(|c: char| c.is_ascii_digit()) && text[place..].starts_with(|c: char| c.is_ascii_digit())
}

/// Returns true for a common password, a date, and where a word is enough, for a common word.
fn is_known(text: &str, is_word_enough: bool) -> bool {
    let is_listed =
        |text: &str| common_passwords::contains(text) || (is_word_enough && common_passwords::contains_word(text));
    calendar::is_date(text)
        || is_listed(text)
        || ARTICLES.into_iter().filter_map(|article| text.strip_prefix(article)).any(is_listed)
}

#[cfg(test)]
mod tests;
