//! Recognises two common words, and one word with a number, which people choose when a single word is refused.

use super::{MOST_DECORATION, decoration::is_listed};
use crate::{accounts::passwords::day, domain::spellings};

/// The maximum number of letters of a word that stays weak with any year after it. That many random letters are not
/// strong either.
const MOST_LETTERS: usize = 8;
/// The first Unicode character of the scripts whose letters are syllables or words. Each of them counts as two letters.
const FIRST_SIGN: char = '\u{2e80}';
/// The maximum number of letters of one of two words. Longer texts are rarely one word, and can be false positives of
/// the list.
const LONGEST_WORD: usize = 12;
/// The minimum number of digits in a row from 1 that are as weak as a year.
const SHORTEST_ROW: usize = 3;
const ROW: &str = "1234567890";

/// Common words of two and three letters, which the list of common words does not have.
const SHORT: &str = "
    ace air all am and ant ape are arm art at bad bag bat be bed bee big box boy bus can car cat cow cup dad dan day
    dog ear egg eye for fox fun go god gun guy ham he hen her his hot ice in is it jam job joy kid leg lip mad man
    me men mom mum my new no not nut of off old on one our out owl pen pet pie pig pop put rat red sea sex she six sky son
    sun tea ten the to top toy two up us war was we win yes you
    aku api di dia dua ibu ini itu ke ku mau nya der das dem den des die du er es ich ist mit sie und wir el la los mi te tu
";

/// Returns true for one short word with a year or a row of digits from 1, and few symbols.
pub(super) fn is_word_and_number(text: &str) -> bool {
    let symbols = text.chars().filter(|c| !c.is_alphanumeric()).count();
    let words = runs(text, char::is_alphabetic);
    let numbers = runs(text, char::is_numeric);
    let ([word], [number]) = (&words[..], &numbers[..]) else { return false };
    let letters: usize = word.chars().map(|c| if c < FIRST_SIGN { 1 } else { 2 }).sum();
    symbols <= MOST_DECORATION && letters <= MOST_LETTERS && (is_year(number) || is_row(number))
}

fn is_year(number: &str) -> bool {
    number.len() == 4 && number.parse().is_ok_and(day::is_year)
}

fn is_row(number: &str) -> bool {
    number.len() >= SHORTEST_ROW && ROW.starts_with(number)
}

/// Returns true for two common words or passwords with few digits and symbols between or around them, also in
/// leetspeak.
pub(super) fn is_two_words(text: &str) -> bool {
    let core = text.trim_matches(|c: char| !c.is_alphabetic());
    let beside = text.chars().count() - core.chars().count();
    let [typed, with_i, with_l] = spellings(core);
    let mut readings = vec![typed, with_i, with_l];
    readings.dedup();
    beside <= MOST_DECORATION && readings.iter().any(|core| is_two_words_apart(core, MOST_DECORATION - beside))
}

/// Returns true for two common words with at most `most_between` digits and symbols between them.
fn is_two_words_apart(text: &str, most_between: usize) -> bool {
    let between = text.chars().filter(|c| !c.is_alphabetic()).count();
    between <= most_between
        && match runs(text, char::is_alphabetic)[..] {
            [letters] => splits_in_two_words(letters),
            [first, second] => is_word(first) && is_word(second),
            _ => false,
        }
}

fn splits_in_two_words(letters: &str) -> bool {
    let is_short_enough = letters.chars().nth(2 * LONGEST_WORD).is_none();
    let mut places = letters.char_indices().map(|(place, _)| letters.split_at(place));
    is_short_enough && places.any(|(first, second)| is_word(first) && is_word(second))
}

/// Returns true for a common word or password.
fn is_word(text: &str) -> bool {
    text.chars().nth(LONGEST_WORD).is_none()
        && (SHORT.split_whitespace().any(|word| word == text) || is_listed(text, true))
}

/// Returns the longest parts of the text in which `is_part` is true for all characters.
fn runs(text: &str, is_part: fn(char) -> bool) -> Vec<&str> {
    text.split(|c| !is_part(c)).filter(|run| !run.is_empty()).collect()
}
