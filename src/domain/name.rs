//! A customer's name.

use std::{fmt, ops::RangeInclusive};

use super::{
    FieldError,
    invisible::{is_invisible, is_trimmed, trim_invisible},
};
use crate::platform;

/// A person's name: 1 to 100 code points in Unicode NFC, at least one of them visible by itself.
///
/// Names are shown to others, in pages and mails. So a name can neither be blank nor change how the text around it is
/// read: control characters, unassigned code points and overrides of the text direction are refused, and invisible
/// characters without a meaning are removed. Nothing else is assumed, since names follow no rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// The longest name, in code points.
    pub const MAX_LENGTH: usize = 100;

    /// Parses a name as it was typed.
    ///
    /// # Errors
    /// `Required` if no character is visible or all are combining marks, `TooLong` above [`Self::MAX_LENGTH`],
    /// `Malformed` with a control character, an unassigned code point or an override of the text direction in it.
    pub fn parse(typed: &str) -> Result<Self, FieldError> {
        let trimmed = trim_name(typed);
        if trimmed.chars().any(is_refused) {
            return Err(FieldError::Malformed);
        }
        if !trimmed.chars().any(is_base) {
            return Err(FieldError::Required);
        }
        // Before normalisation: once the invisible characters are gone, a letter and its mark may become one character.
        let name = platform::nfc(&without_invisible(trimmed));
        if name.chars().count() > Self::MAX_LENGTH {
            return Err(FieldError::TooLong);
        }
        Ok(Self(name))
    }

    /// Returns a name from another system, adapted to the current rules: forbidden characters become spaces, and a long
    /// name is cut. Returns `None` if no character is visible.
    #[must_use]
    pub fn cleaned(text: &str) -> Option<Self> {
        let allowed: String = text.chars().map(|c| if is_refused(c) { ' ' } else { c }).collect();
        let words: Vec<&str> = allowed.split_whitespace().collect();
        let name = words.join(" ");
        match Self::parse(&name) {
            Err(FieldError::TooLong) => Self::parse(&name.chars().take(Self::MAX_LENGTH).collect::<String>()).ok(),
            parsed => parsed.ok(),
        }
    }

    /// Returns a stored name unchanged. It may not satisfy the current rules.
    #[must_use]
    pub fn from_store(stored: String) -> Self {
        Self(stored)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the name without surrounding invisible characters, but with those that belong to its last character: a
/// variation selector, the tags of a flag, or a joiner.
fn trim_name(typed: &str) -> &str {
    let end = trim_invisible(typed);
    let start = typed.len() - typed.trim_start_matches(is_trimmed).len();
    let rest = &typed[start + end.len()..];
    let belongs = |c: &char| is_selector(*c) || is_tag(*c) || is_joiner(*c);
    let belonging: usize = rest.chars().take_while(belongs).map(char::len_utf8).sum();
    &typed[start..start + end.len() + belonging]
}

/// Returns true for a character that is visible by itself. A combining mark needs a base character.
fn is_base(c: char) -> bool {
    !is_invisible(c) && !platform::is_mark(c)
}

/// Returns true for control characters, unassigned code points, line and paragraph separators, annotations, and
/// embeddings, overrides and isolates of the text direction.
fn is_refused(c: char) -> bool {
    c.is_control()
        || !platform::is_assigned(c)
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e001f}')
}

/// Returns true for a variation selector, which selects the form of the character before it: an emoji, or a Han
/// character in a Japanese name.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Returns true for a tag character, which spells the name of a flag, such as that of Scotland.
fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..='\u{e007f}')
}

/// Returns true for a joiner or non-joiner, which joins the characters around it or keeps them apart.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Returns true for a directional mark, which sets the direction of the text around it.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// Returns true for a character in a block of right-to-left scripts: Hebrew, Arabic, Syriac, Thaana, N'Ko, Adlam and
/// others.
fn is_right_to_left(c: char) -> bool {
    !is_direction(c)
        && matches!(c,
            '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}')
}

/// Returns the script that an invisible character belongs to: some scripts have joiners and selectors of their own.
fn own_script(c: char) -> Option<RangeInclusive<char>> {
    Some(match c {
        '\u{180b}'..='\u{180d}' | '\u{180f}' => '\u{1800}'..='\u{18af}',
        '\u{2d7f}' => '\u{2d30}'..='\u{2d6f}',
        '\u{1107f}' => '\u{11000}'..='\u{11075}',
        '\u{13430}'..='\u{1343f}' => '\u{13000}'..='\u{143ff}',
        '\u{16fe4}' => '\u{18b00}'..='\u{18cff}',
        _ => return None,
    })
}

/// Returns the name without the invisible characters that have no meaning where they are.
fn without_invisible(name: &str) -> String {
    let mut kept = String::with_capacity(name.len());
    let mut characters = name.chars().peekable();
    while let Some(c) = characters.next() {
        if !is_invisible(c) || spells(c, kept.chars().next_back(), characters.peek().copied()) {
            kept.push(c);
        }
    }
    kept
}

/// Returns true if the invisible character has a meaning between these two.
fn spells(c: char, before: Option<char>, after: Option<char>) -> bool {
    // Scripts from Hebrew onwards, and emoji. Latin, Greek and Cyrillic letters are never joined or kept apart.
    let is_joinable = |c: char| c >= '\u{590}' && (!is_invisible(c) || is_selector(c));
    match c {
        _ if c.is_whitespace() => true,
        // Within words of Indic and Arabic scripts, and within emoji sequences. Indic words may end with a joiner.
        _ if is_joiner(c) => {
            let ends_word = before.is_some_and(|before| ('\u{900}'..='\u{dff}').contains(&before));
            before.is_some_and(is_joinable) && after.map_or(ends_word, |after| is_joinable(after) || ends_word)
        }
        // One directional mark next to a right-to-left letter, where a name mixes scripts.
        _ if is_direction(c) => match (before, after) {
            (Some(before), Some(after)) => !is_direction(before) && [before, after].into_iter().any(is_right_to_left),
            _ => false,
        },
        _ if is_selector(c) => before.is_some_and(|before| !is_invisible(before)),
        _ if is_tag(c) => before.is_some_and(|before| before == '\u{1f3f4}' || is_tag(before)),
        _ => own_script(c).zip(before).is_some_and(|(script, before)| script.contains(&before)),
    }
}

#[cfg(test)]
mod tests;
