//! Text from a store, made fit for a mail: a shop's own programs write to its store too, and may have put anything there.

/// The longest text, in code points: a name as long as Doorstep itself accepts.
const MOST: usize = 100;

/// Returns the text on one line, without control characters and without the invisible ones that reorder or hide other text
/// (Unicode: bidirectional formatting, tags), at most [`MOST`] code points long.
pub(super) fn clean(text: &str) -> String {
    let visible: String =
        text.chars().filter(|c| !is_hidden(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST {
        return line;
    }
    line.chars().take(MOST - 1).chain(['…']).collect()
}

/// Returns true for characters that show nothing and change how others are shown. Joiners stay: names need them.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n15_a_text_becomes_one_line_that_shows_what_it_is() {
        for (text, cleaned) in [
            ("Zoë O’Neil-Łuk", "Zoë O’Neil-Łuk"),
            ("Ada\r\nBcc: eve@x.test", "Ada Bcc: eve@x.test"),
            ("Ada\u{2028}Eve\u{85}\u{b}\0", "Ada Eve"),
            ("Ada \u{202e}live\u{202c}", "Ada live"),
            (" \n\t ", ""),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
        ] {
            assert_eq!(clean(text), cleaned, "{text:?}");
        }
        assert_eq!(clean(&"é".repeat(101)), format!("{}…", "é".repeat(99)));
    }
}
