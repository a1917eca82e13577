//! Sanitizes stored texts for mails. The shop's other programs write to its store too, so a text may contain anything.

use crate::domain::plain;

/// The longest text, in code points. As long as the longest name that Doorstep accepts.
const MOST: usize = 100;

/// Returns the text on one line, without control characters and without invisible characters that reorder or hide other
/// text (Unicode: bidirectional formatting, tags), at most [`MOST`] code points long.
pub(super) fn clean(text: &str) -> String {
    let visible: String =
        text.chars().filter(|c| !is_hidden(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST {
        return line;
    }
    line.chars().take(MOST - 1).chain(['…']).collect()
}

/// Returns true for invisible characters that change how others are shown. Joiners are kept, since names need them.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The most digits in a name that is used as a greeting. More digits may be a telephone number.
const MOST_DIGITS: usize = 4;

/// Returns true if a mail program may turn the text into a link, or a reader may mistake it for an address or a
/// telephone number.
pub(super) fn looks_like_link(text: &str) -> bool {
    let plain = plain(text);
    let digits = plain.chars().filter(char::is_ascii_digit).count();
    let is_host = |(dot, c): (usize, char)| is_dot(c) && joins(&plain[..dot], &plain[dot + c.len_utf8()..]);
    digits > MOST_DIGITS || plain.contains(['/', '\\', '@', ':']) || plain.char_indices().any(is_host)
}

/// Returns true for the full stop and its Chinese and Japanese form, which also separates the labels of domains.
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '\u{3002}')
}

/// Returns true if a dot between these two makes them look like a host. A single letter after it is an initial.
fn joins(before: &str, after: &str) -> bool {
    let label: Vec<char> = after.chars().take_while(|c| !c.is_whitespace() && !is_dot(*c)).collect();
    let is_label = match label[..] {
        [only] => only.is_ascii_digit(),
        [first, ..] => first.is_alphanumeric(),
        [] => false,
    };
    is_label && before.chars().next_back().is_some_and(|c| !c.is_whitespace() && !is_dot(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n15_a_text_becomes_one_line_without_misleading_characters() {
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

    #[test]
    fn n27_a_name_that_looks_like_an_address_or_a_link_is_found() {
        for name in [
            "Win at evil.example",
            "www.evil.test",
            "WWW．EVIL．TEST",
            "evil。test",
            "evil.\u{200b}test",
            "t.co",
            "evil.कॉम",
            "пример.рф",
            "127.0.0.1",
            "ada@x",
            "ada＠x",
            "http:evil",
            "evil/win",
            "evil\\win",
            "Call 0800 123456",
        ] {
            assert!(looks_like_link(name), "{name}");
        }
        for name in [
            "Ada Lovelace",
            "J.R.R. Tolkien",
            "J. R. R. Tolkien",
            "Sammy Davis Jr.",
            "Dr. Ada",
            "Zoë O’Neil-Łuk",
            "Ada Lovelace 1815",
            "Gal·la",
            "Ada…",
            "नाम",
            "",
        ] {
            assert!(!looks_like_link(name), "{name}");
        }
    }
}
