//! Unicode functions that use the tables of the respective crates. The browser has a counterpart of this module that
//! uses the browser's own implementation, since the tables would be larger than the rest of its WebAssembly.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Returns `text` in Unicode normalisation form C.
#[must_use]
pub fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// Returns `text` in Unicode normalisation form KD: decomposed, with compatibility characters replaced.
#[must_use]
pub fn nfkd(text: &str) -> String {
    text.nfkd().collect()
}

/// Returns `text` in lower case, by the rules that are independent of the language.
#[must_use]
pub fn lowercase(text: &str) -> String {
    text.to_lowercase()
}

/// Returns an internationalised domain in ASCII (UTS #46), or `None` if it has no such form.
#[must_use]
pub fn domain_to_ascii(domain: &str) -> Option<String> {
    idna::domain_to_ascii_strict(domain).ok()
}

/// Returns true for a combining mark (Unicode's general category M): an accent or a vowel sign.
#[must_use]
pub fn is_mark(c: char) -> bool {
    is_combining_mark(c)
}

/// Returns true if Unicode has assigned the code point to a character. Noncharacters never are.
#[must_use]
pub fn is_assigned(c: char) -> bool {
    c.general_category() != GeneralCategory::Unassigned
}
