//! What a customer wants to be called.

use std::fmt;

use super::{
    FieldError,
    invisible::{is_invisible, is_trimmed, trim_invisible},
};
use crate::platform;

/// A person's name: 1 to 100 code points in Unicode NFC, at least one of them visible.
///
/// Names are shown to others, in pages and mails, so a name can neither be blank nor change how the text around it is read:
/// control characters and those that override the direction of text are refused, invisible ones that spell nothing are
/// removed. Nothing else is assumed of it, since names follow no rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// The longest name, in code points.
    pub const MAX_LENGTH: usize = 100;

    /// Reads a name as it was typed.
    ///
    /// # Errors
    /// `Required` when nothing of it is visible, `TooLong` above [`Self::MAX_LENGTH`], `Malformed` with a control character or
    /// an override of direction in it.
    pub fn parse(typed: &str) -> Result<Self, FieldError> {
        let trimmed = trim_name(typed);
        if trimmed.chars().any(is_refused) {
            return Err(FieldError::Malformed);
        }
        if trimmed.chars().all(is_invisible) {
            return Err(FieldError::Required);
        }
        // Before normalisation: without them, a letter and its mark may become one character.
        let name = platform::nfc(&without_invisible(trimmed));
        if name.chars().count() > Self::MAX_LENGTH {
            return Err(FieldError::TooLong);
        }
        Ok(Self(name))
    }

    /// A name that a store holds already. It may be older than today's rules, and is kept as it is.
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

/// Returns the name without invisible characters around it, but with those that belong to its last character: a variation
/// selector, the tags of a flag, or a joiner.
fn trim_name(typed: &str) -> &str {
    let end = trim_invisible(typed);
    let start = typed.len() - typed.trim_start_matches(is_trimmed).len();
    let rest = &typed[start + end.len()..];
    let belongs = |c: &char| is_selector(*c) || is_tag(*c) || is_joiner(*c);
    let belonging: usize = rest.chars().take_while(belongs).map(char::len_utf8).sum();
    &typed[start..start + end.len() + belonging]
}

/// Control characters, line and paragraph separators, embeddings, overrides and isolates of direction, annotations.
fn is_refused(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e001f}')
}

/// Selects the form of the character before: of an emoji, or of a Han character in a Japanese name.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// A letter of the name of a flag, such as that of Scotland.
fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..='\u{e007f}')
}

/// Joins the characters around it, or keeps them apart.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Removes the invisible characters that spell nothing where they stand.
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

/// Returns true for an invisible character that has a meaning between these two.
fn spells(c: char, before: Option<char>, after: Option<char>) -> bool {
    // Scripts from Hebrew on, and emoji. No Latin, Greek or Cyrillic letter is joined or kept apart.
    let is_joinable = |c: char| c >= '\u{590}' && (!is_invisible(c) || is_selector(c));
    match c {
        _ if c.is_whitespace() => true,
        // Within words of Indic and Arabic scripts, and in emoji of several. Indic words may end with one.
        _ if is_joiner(c) => {
            let ends_word = before.is_some_and(|before| ('\u{900}'..='\u{dff}').contains(&before));
            before.is_some_and(is_joinable) && after.map_or(ends_word, |after| is_joinable(after) || ends_word)
        }
        // Marks of direction, where a name mixes scripts.
        '\u{200e}' | '\u{200f}' | '\u{61c}' => before.is_some() && after.is_some(),
        _ if is_selector(c) => before.is_some_and(|before| !is_invisible(before)),
        _ if is_tag(c) => before.is_some_and(|before| before == '\u{1f3f4}' || is_tag(before)),
        // The selectors of Mongolian letters.
        '\u{180b}'..='\u{180d}' | '\u{180f}' => {
            before.is_some_and(|before| ('\u{1800}'..='\u{18af}').contains(&before))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(typed: &str) -> String {
        PersonName::parse(typed).unwrap().as_str().to_owned()
    }

    #[test]
    fn a_name_is_trimmed_and_otherwise_kept() {
        assert_eq!(parsed("  Zoë O’Neil-Łuk "), "Zoë O’Neil-Łuk");
    }

    #[test]
    fn a_blank_a_long_and_a_control_character_are_told_apart() {
        assert_eq!(PersonName::parse(" \t "), Err(FieldError::Required));
        assert_eq!(PersonName::parse(&"é".repeat(101)), Err(FieldError::TooLong));
        assert!(PersonName::parse(&"é".repeat(100)).is_ok());
        assert_eq!(PersonName::parse("a\u{1b}[31mb"), Err(FieldError::Malformed));
    }

    #[test]
    fn n27_a_name_of_invisible_characters_alone_is_no_name() {
        for typed in
            ["\u{200b}\u{200b}", "\u{3164}", "\u{2800}", "\u{200d}\u{fe0f}", "\u{ad} \u{feff}", "\u{115f}\u{1160}"]
        {
            assert_eq!(PersonName::parse(typed), Err(FieldError::Required), "{typed:?}");
        }
    }

    #[test]
    fn n27_a_name_cannot_change_the_direction_or_the_lines_of_the_text_around_it() {
        for c in
            ['\u{202a}', '\u{202b}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2028}', '\u{2029}']
        {
            assert_eq!(PersonName::parse(&format!("Ada{c}moc.live")), Err(FieldError::Malformed), "{c:?}");
        }
        // What ends it stands at the end, and what is around a name is trimmed.
        assert_eq!(parsed("\u{202a}Ada\u{202c}"), "Ada");
        assert_eq!(PersonName::parse("Ada\u{85}Lovelace"), Err(FieldError::Malformed));
    }

    #[test]
    fn n27_invisible_characters_that_spell_nothing_are_removed() {
        assert_eq!(parsed("\u{feff}A\u{200b}d\u{ad}a\u{200d}\u{2060}"), "Ada");
        assert_eq!(parsed("A\u{200d}da"), parsed("Ada"));
        assert_eq!(parsed("Jose\u{200b}\u{301}"), "José");
        assert_eq!(parsed("Ada\u{e0041}\u{e0042}"), "Ada");
    }

    #[test]
    fn n27_names_of_all_scripts_stay_as_they_are() {
        for name in [
            "क्‍षमा",
            "می‌نا",
            "ශ්‍රී",
            "ന്‍",
            "👩‍👩‍👧 Family",
            "❤️",
            "👩🏽‍🚀",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "葛\u{e0100}城",
            "דוד\u{200e} (David)",
            "Nguyễn Thị Ánh",
            "ᠮᠣᠩᠭᠣᠯ",
            "O\u{a0}Brien",
        ] {
            let kept = PersonName::parse(name).unwrap();
            assert_eq!(kept.as_str(), crate::platform::nfc(name), "{name:?}");
        }
    }
}
