//! Recognises a common password, a common word or a date between digits and symbols, also in leetspeak and backwards.

use super::MOST_DECORATION;
use crate::{
    accounts::passwords::{calendar, common_passwords},
    domain::spellings,
};

/// Words before a common password with which it stays weak.
const ARTICLES: [&str; 6] = ["the", "my", "our", "your", "new", "old"];
/// The maximum length of a common password after such a word, in characters of both.
const LONGEST: usize = common_passwords::LONGEST + 4;

/// Returns true for a common password, a date, or a common word with at most `most_decoration` characters around it,
/// also in leetspeak and backwards.
pub(super) fn is_decorated(text: &str, most_decoration: usize) -> bool {
    let [typed, with_i, with_l] = spellings(text).map(|text| text.chars().collect::<Vec<char>>());
    let cores = Cores::of(&typed);
    let mut leet = if cores.innermost(&typed).is_empty() { vec![] } else { vec![with_i, with_l] };
    leet.dedup();
    cores.hold_date(&typed, &leet) || cores.hold_listed(&typed, &leet, most_decoration)
}

/// The places where a text may start and end without its decoration. A digit or symbol at an end is tried both as
/// decoration and as a letter of the word: "Ch4ng3m3!" is "changeme".
struct Cores {
    starts: Vec<usize>,
    ends: Vec<usize>,
    length: usize,
}

impl Cores {
    fn of(text: &[char]) -> Self {
        let length = text.len();
        let is_decoration = |c: &&char| !c.is_alphabetic();
        let leading = text.iter().take_while(is_decoration).count();
        let trailing = text.iter().rev().take_while(is_decoration).count();
        let ends = few_and_all(trailing).into_iter().map(|dropped| length - dropped).collect();
        Self { starts: few_and_all(leading), ends, length }
    }

    /// Returns the text without all decoration. It is empty if the text contains no letter.
    fn innermost<'a>(&self, text: &'a [char]) -> &'a [char] {
        let (start, end) = (self.starts.last().copied(), self.ends.last().copied());
        start.zip(end).and_then(|(start, end)| text.get(start..end)).unwrap_or_default()
    }

    /// Returns true if a core is a date. The decoration contains no letters, so checking the innermost core is enough
    /// for the text as typed, and one pass over each spelling is enough for all cores.
    fn hold_date(&self, typed: &[char], leet: &[Vec<char>]) -> bool {
        let innermost = self.innermost(typed);
        let from_end = |places: &[usize]| places.iter().map(|place| self.length - place).collect::<Vec<_>>();
        let (starts, ends) = (from_end(&self.ends), from_end(&self.starts));
        calendar::is_date(innermost)
            || calendar::is_date(&backwards(innermost))
            || leet.iter().any(|text| {
                calendar::is_date_between(text, &self.starts, &self.ends)
                    || calendar::is_date_between(&backwards(text), &starts, &ends)
            })
    }

    /// Returns true if a core is a common password or, with little around it, a common word. Cores that are longer than
    /// any of these are not looked up.
    fn hold_listed(&self, typed: &[char], leet: &[Vec<char>], most_decoration: usize) -> bool {
        let ranges = self.starts.iter().flat_map(|start| self.ends.iter().map(|end| *start..*end));
        ranges.filter(|range| range.start <= range.end && range.len() <= LONGEST).any(|range| {
            let is_word_enough = self.length - range.len() <= most_decoration;
            let is_whole_number = !splits_number(typed, range.start) && !splits_number(typed, range.end);
            let as_typed = is_whole_number.then(|| &typed[range.clone()]);
            let spelled = leet.iter().map(|text| &text[range.clone()]);
            let mut readings: Vec<&[char]> =
                as_typed.into_iter().chain(spelled.filter(|text| text.iter().all(|c| c.is_alphabetic()))).collect();
            readings.dedup();
            readings.into_iter().any(|text| is_known(text, is_word_enough))
        })
    }
}

/// Returns how many of `all` characters may be dropped: 0 to [`MOST_DECORATION`], or all.
fn few_and_all(all: usize) -> Vec<usize> {
    let mut dropped: Vec<usize> = (0..=all.min(MOST_DECORATION)).collect();
    if all > MOST_DECORATION {
        dropped.push(all);
    }
    dropped
}

fn backwards(text: &[char]) -> Vec<char> {
    text.iter().rev().copied().collect()
}

/// Returns true if the characters before and after this place are digits.
fn splits_number(text: &[char], place: usize) -> bool {
    let is_digit = |place: Option<usize>| place.and_then(|at| text.get(at)).is_some_and(char::is_ascii_digit);
    is_digit(place.checked_sub(1)) && is_digit(Some(place))
}

/// Returns true for a common password or, if `is_word_enough`, a common word, forwards or backwards.
fn is_known(text: &[char], is_word_enough: bool) -> bool {
    let [forwards, backwards] = [text.iter().collect::<String>(), text.iter().rev().collect()];
    [forwards, backwards].iter().any(|text| {
        is_listed(text, is_word_enough)
            || ARTICLES
                .iter()
                .filter_map(|article| text.strip_prefix(article))
                .any(|rest| is_listed(rest, is_word_enough))
    })
}

/// Returns true for a common password or, if `is_word_enough`, a common word.
pub(super) fn is_listed(text: &str, is_word_enough: bool) -> bool {
    common_passwords::contains(text) || (is_word_enough && common_passwords::contains_word(text))
}
