//! Invisible characters: they get into a field by copying and pasting, and make one text look like another.

/// Returns true for a character without a visible shape of its own: white space, control and format characters, fillers
/// and variation selectors (Unicode's `Default_Ignorable_Code_Point` and a few that are blank in every font).
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}'
            // Hangul fillers, Khmer inherent vowels, Mongolian selectors, the blank of Braille.
            | '\u{115f}'..='\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}'
            // Zero-width characters, marks and controls of direction, invisible operators.
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            // Joiners, fillers and blanks of Tifinagh, Brahmi, hieroglyphs and Khitan.
            | '\u{2d7f}' | '\u{1107f}' | '\u{13430}'..='\u{13442}' | '\u{16fe4}'
            // Controls of shorthand and of musical notes.
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Returns the text without invisible characters around it. Control characters stay unless they are white space, so
/// that they are refused later: they are neither typed nor pasted in good faith.
#[must_use]
pub fn trim_invisible(text: &str) -> &str {
    text.trim_matches(is_trimmed)
}

/// Returns true for a character that [`trim_invisible`] removes.
#[must_use]
pub fn is_trimmed(c: char) -> bool {
    is_invisible(c) && (c.is_whitespace() || !c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n27_invisible_characters_around_a_text_are_trimmed_and_visible_ones_are_not() {
        for around in
            ["\u{200b}", "\u{feff}", "\u{a0}", "\u{ad}", "\u{200f}\u{200e}", "\u{2066}", "\u{3164}", " \t\r\n"]
        {
            assert_eq!(trim_invisible(&format!("{around}ada{around}")), "ada", "{around:?}");
        }
        assert_eq!(trim_invisible("ada\0"), "ada\0");
        for visible in ["é", "e\u{301}", "संपर्क", "李", "😀", "-", "０", "\u{627}"] {
            assert_eq!(trim_invisible(visible), visible);
        }
    }
}
