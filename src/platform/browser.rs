//! Unicode functions that use the browser's implementation: the counterpart of the server module.

use leptos::web_sys::{
    Url,
    js_sys::{JsString, RegExp},
};

/// Returns `text` in Unicode normalisation form C.
#[must_use]
pub fn nfc(text: &str) -> String {
    // Most text is ASCII, which is its own normal form.
    if text.is_ascii() { text.to_owned() } else { JsString::from(text).normalize("NFC").into() }
}

/// Returns `text` in Unicode normalisation form KD: decomposed, with compatibility characters replaced.
#[must_use]
pub fn nfkd(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { JsString::from(text).normalize("NFKD").into() }
}

/// Returns `text` in lower case, by the rules that are independent of the language.
#[must_use]
pub fn lowercase(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

/// Returns an internationalised domain in ASCII (UTS #46), or `None` if it has no such form.
#[must_use]
pub fn domain_to_ascii(domain: &str) -> Option<String> {
    // Characters with a special meaning in a URL would not be parsed as part of the host.
    if domain.contains(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '-' && c != '.') {
        return None;
    }
    Url::new(&format!("https://{domain}")).ok().map(|url| url.hostname())
}

/// Returns true for a combining mark (Unicode's general category M): an accent or a vowel sign.
#[must_use]
pub fn is_mark(c: char) -> bool {
    RegExp::new("^\\p{M}$", "u").test(c.encode_utf8(&mut [0; 4]))
}

/// Returns true. A browser's Unicode version may be older than a character, so the server decides.
#[must_use]
pub const fn is_assigned(_: char) -> bool {
    true
}
