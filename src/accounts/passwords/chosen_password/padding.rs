//! Recognises a common password, a common word or a date between the same characters, such as "xxpasswordxx", and a
//! common phrase with words that only make it longer.

use super::{MOST_DECORATION, decoration::is_listed};
use crate::{
    accounts::passwords::{calendar, common_passwords},
    domain::spellings,
};

/// The maximum number of characters before the core, and after it.
const MOST_PADDING: usize = MOST_DECORATION / 2;
/// The minimum length of a core, in characters.
const SHORTEST_CORE: usize = 4;

/// Words that people add to a common phrase. A word precedes those that it ends with.
const FILLERS: [&str; 12] =
    ["so", "much", "very", "too", "more", "forever", "ever", "always", "baby", "babe", "banget", "sekali"];
/// The maximum number of such words.
const MOST_FILLERS: usize = 3;

/// Returns true if the same few characters, perhaps mirrored, surround something that is easy to guess.
pub(super) fn is_padded(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    (1..=MOST_PADDING).filter_map(|length| core(&characters, length)).any(|core| {
        let readings = spellings(&core.iter().collect::<String>());
        calendar::is_date(core) || readings.iter().any(|reading| is_listed(reading, true))
    })
}

/// Returns what is between the first and the last characters, if these are the same and it is short enough to be
/// listed.
fn core(characters: &[char], length: usize) -> Option<&[char]> {
    let (before, rest) = characters.split_at_checked(length)?;
    let (core, after) = rest.split_at_checked(rest.len().checked_sub(length)?)?;
    let is_same = before == after || before.iter().eq(after.iter().rev());
    (is_same && (SHORTEST_CORE..=common_passwords::LONGEST).contains(&core.len())).then_some(core)
}

/// Returns true for a common password or word, followed by fillers, with few digits and symbols around it.
pub(super) fn is_with_fillers(text: &str) -> bool {
    let core = text.trim_matches(|c: char| !c.is_alphabetic());
    if text.chars().count() - core.chars().count() > MOST_DECORATION {
        return false;
    }
    std::iter::successors(without_filler(core), |rest| without_filler(rest))
        .take(MOST_FILLERS)
        .any(|rest| is_listed(rest, true))
}

fn without_filler(text: &str) -> Option<&str> {
    FILLERS.iter().find_map(|filler| text.strip_suffix(filler))
}
