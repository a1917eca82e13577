//! Plain forms of texts: what a reader sees in a text and what an attacker would guess. Passwords are compared in these
//! forms.

use zeroize::Zeroizing;

use super::is_invisible;
use crate::platform;

/// Where the decimal digits of other scripts start in Unicode. Each start is followed by ten digits.
const ZEROS: [char; 68] = [
    '\u{660}',
    '\u{6f0}',
    '\u{7c0}',
    '\u{966}',
    '\u{9e6}',
    '\u{a66}',
    '\u{ae6}',
    '\u{b66}',
    '\u{be6}',
    '\u{c66}',
    '\u{ce6}',
    '\u{d66}',
    '\u{de6}',
    '\u{e50}',
    '\u{ed0}',
    '\u{f20}',
    '\u{1040}',
    '\u{1090}',
    '\u{17e0}',
    '\u{1810}',
    '\u{1946}',
    '\u{19d0}',
    '\u{1a80}',
    '\u{1a90}',
    '\u{1b50}',
    '\u{1bb0}',
    '\u{1c40}',
    '\u{1c50}',
    '\u{a620}',
    '\u{a8d0}',
    '\u{a900}',
    '\u{a9d0}',
    '\u{a9f0}',
    '\u{aa50}',
    '\u{abf0}',
    '\u{104a0}',
    '\u{10d30}',
    '\u{10d40}',
    '\u{11066}',
    '\u{110f0}',
    '\u{11136}',
    '\u{111d0}',
    '\u{112f0}',
    '\u{11450}',
    '\u{114d0}',
    '\u{11650}',
    '\u{116c0}',
    '\u{116d0}',
    '\u{116da}',
    '\u{11730}',
    '\u{118e0}',
    '\u{11950}',
    '\u{11bf0}',
    '\u{11c50}',
    '\u{11d50}',
    '\u{11da0}',
    '\u{11de0}',
    '\u{11f50}',
    '\u{16130}',
    '\u{16a60}',
    '\u{16ac0}',
    '\u{16b50}',
    '\u{16d70}',
    '\u{1e140}',
    '\u{1e2f0}',
    '\u{1e4f0}',
    '\u{1e5f1}',
    '\u{1e950}',
];

/// Returns the text in plain characters: lower case, without invisible characters and accents, with one kind of space,
/// ASCII digits, and the plain form of full-width and decorated letters.
#[must_use]
pub fn plain(text: &str) -> Zeroizing<String> {
    let decomposed = Zeroizing::new(platform::nfkd(text));
    let visible: Zeroizing<String> = Zeroizing::new(decomposed.chars().filter(|c| is_shown(*c)).collect());
    let lower = Zeroizing::new(platform::lowercase(&visible));
    let mut plain = Zeroizing::new(String::with_capacity(2 * lower.len()));
    for c in lower.chars() {
        match base_letters(c) {
            Some(letters) => plain.push_str(letters),
            None if c.is_whitespace() => plain.push(' '),
            None => plain.push(ascii_digit(c)),
        }
    }
    // Composes the syllables of Korean again.
    Zeroizing::new(platform::nfc(&plain))
}

/// Returns true for a character that the plain form keeps.
fn is_shown(c: char) -> bool {
    let is_accent = matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}');
    !is_accent && (c.is_whitespace() || !is_invisible(c))
}

/// Returns the Latin letters that a ligature or a letter with a stroke stands for. Unicode does not decompose these.
fn base_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ŧ' => "t",
        'þ' => "th",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        _ => return None,
    })
}

fn ascii_digit(c: char) -> char {
    let value = |zero: char| u32::from(c).checked_sub(u32::from(zero)).filter(|value| *value < 10);
    ZEROS.into_iter().find_map(value).and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
}

/// Returns a plain text with its Cyrillic and Greek letters replaced by the Latin letters that they look like.
#[must_use]
pub fn latin(plain: &str) -> String {
    let letter = |c| match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'һ' | 'н' => 'h',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'м' => 'm',
        'ո' => 'n',
        'о' | 'ο' | 'σ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ν' => 'v',
        'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        _ => c,
    };
    plain.chars().map(letter).collect()
}

/// Returns the text itself and with the letters that its digits and symbols may stand for ("leetspeak"): a 1 is an i or
/// an l.
#[must_use]
pub fn spellings(text: &str) -> [String; 3] {
    let read = |one: char| {
        let letter = |c: char| match c {
            '0' => 'o',
            '1' | '!' | '|' => one,
            '2' => 'z',
            '3' | '€' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '6' | '9' => 'g',
            '7' | '+' => 't',
            '8' => 'b',
            _ => c,
        };
        text.chars().map(letter).collect()
    };
    [text.to_owned(), read('i'), read('l')]
}

/// Returns the text in reverse order.
#[must_use]
pub fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n27_a_plain_text_has_no_accents_widths_or_invisible_characters() {
        for (text, expected) in [
            ("PÄSSWØRD", "password"),
            ("ｐａｓｓ\u{200b}ｗｏｒｄ", "password"),
            ("pass\u{ad}wo\u{301}rd", "password"),
            ("𝐏assWord", "password"),
            ("١٢٣ １２३", "123 123"),
            ("İstanbul\u{3000}Łódź", "istanbul lodz"),
            ("Straße", "strasse"),
            ("한국어 李小龍", "한국어 李小龍"),
            ("\u{301}\u{301}", ""),
        ] {
            assert_eq!(plain(text).as_str(), expected, "{text:?}");
        }
    }

    #[test]
    fn n27_every_decimal_digit_of_unicode_is_read_as_ascii() {
        use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
        let is_digit = |c: &char| c.general_category() == GeneralCategory::DecimalNumber;
        let other: Vec<char> = ('\0'..=char::MAX)
            .filter(is_digit)
            .filter(|c| !plain(&c.to_string()).bytes().all(|byte| byte.is_ascii_digit()))
            .collect();
        assert!(other.is_empty(), "{}", other.iter().map(|c| c.escape_unicode().to_string()).collect::<String>());
    }

    #[test]
    fn n27_lookalikes_leetspeak_and_reversed_text_are_read() {
        assert_eq!(latin("раѕѕԝоrd"), "password");
        assert_eq!(spellings("l3t!"), ["l3t!", "leti", "letl"]);
        assert_eq!(reversed("drowssap"), "password");
    }
}
