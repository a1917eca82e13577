//! Email addresses in the canonical form in which they are compared and stored.

use std::fmt;

use super::{
    FieldError,
    invisible::{is_invisible, trim_invisible},
};
use crate::platform;

/// An email address in canonical form: without surrounding invisible characters, NFC, lower case, its domain in ASCII
/// (IDNA, UTS #46).
///
/// Two addresses that reach the same mailbox by these rules are equal as strings, so a unique index is enough to keep
/// one account per address (ASVS 5.0, 2.2.1). Spellings that make one address look like another and are rarely typed
/// are refused: quoted local parts, address literals, compatibility characters (full-width letters, ligatures), and
/// domains in invalid Punycode.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The longest address, in bytes of its canonical form (RFC 5321, 4.5.3.1.3 minus the angle brackets).
    pub const MAX_LENGTH: usize = 254;
    /// The longest local part, in bytes (RFC 5321, 4.5.3.1.1).
    const MAX_LOCAL_LENGTH: usize = 64;

    /// Parses an address as it was typed.
    ///
    /// # Errors
    /// `Required` if it is blank, `TooLong` above [`Self::MAX_LENGTH`], `Malformed` if it is not exactly one address.
    pub fn parse(typed: &str) -> Result<Self, FieldError> {
        // Pasted addresses may be surrounded by invisible characters.
        let typed = trim_invisible(typed);
        if typed.is_empty() {
            return Err(FieldError::Required);
        }
        if typed.len() > 4 * Self::MAX_LENGTH {
            return Err(FieldError::TooLong);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(FieldError::Malformed)?;
        let local = canonical_local_part(local);
        let domain = canonical_domain(domain).ok_or(FieldError::Malformed)?;
        if !is_local_part(&local) || has_compatibility_characters(&local) {
            return Err(FieldError::Malformed);
        }
        if local.len() > Self::MAX_LOCAL_LENGTH || local.len() + 1 + domain.len() > Self::MAX_LENGTH {
            return Err(FieldError::TooLong);
        }
        Ok(Self(format!("{local}@{domain}")))
    }

    /// Returns an address that was stored earlier, unchanged. It may not satisfy today's rules.
    #[must_use]
    pub fn from_store(stored: String) -> Self {
        Self(stored)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// Returns the part before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or(self.0.as_str(), |(local, _)| local)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The vowel "am" of Thai and of Lao. Each is one letter, and looks the same when it is typed as its two parts.
const VOWELS_AM: [(&str, &str); 2] = [("\u{e4d}\u{e32}", "\u{e33}"), ("\u{ecd}\u{eb2}", "\u{eb3}")];

/// Returns the local part in NFC and lower case.
fn canonical_local_part(local: &str) -> String {
    let lower = platform::nfc(&platform::lowercase(&platform::nfc(local)));
    VOWELS_AM.iter().fold(lower, |local, (parts, letter)| local.replace(parts, letter))
}

/// Returns true if the local part has another spelling in plain characters (Unicode's NFKC). Such an address is refused
/// because the plain spelling would be another account. Letters of Lao that are typed as one are plain.
fn has_compatibility_characters(local: &str) -> bool {
    let is_letter = |c: char| matches!(c, '\u{e33}' | '\u{eb3}' | '\u{edc}' | '\u{edd}');
    let rest: String = local.chars().filter(|c| !is_letter(*c)).collect();
    platform::nfc(&platform::nfkd(&rest)) != rest
}

/// Returns true for a dot-atom (RFC 5322) of letters, digits and combining marks of any script (RFC 6531).
fn is_local_part(local: &str) -> bool {
    local.split('.').all(|atom| {
        // A combining mark needs a base character before it.
        atom.chars().next().is_some_and(is_atom_character)
            && atom.chars().all(|c| is_atom_character(c) || (!c.is_ascii() && platform::is_mark(c) && !is_invisible(c)))
    })
}

fn is_atom_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || (!c.is_ascii() && c.is_alphanumeric())
}

/// Returns the domain in lower-case ASCII, or `None` if it is not a host name of two labels or more.
fn canonical_domain(domain: &str) -> Option<String> {
    let lower = domain.to_ascii_lowercase();
    // A Punycode label has to decode to a valid one in Unicode.
    let is_plain = lower.is_ascii() && !lower.split('.').any(|label| label.starts_with("xn--"));
    let ascii = if is_plain { lower } else { platform::domain_to_ascii(&lower)? };
    let labels: Vec<&str> = ascii.split('.').collect();
    let top = labels.last()?;
    let is_name = labels.len() >= 2
        && ascii.len() <= 253
        && labels.iter().all(|label| is_host_label(label))
        && !top.bytes().all(|b| b.is_ascii_digit());
    is_name.then_some(ascii)
}

fn is_host_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(typed: &str) -> String {
        EmailAddress::parse(typed).unwrap().as_str().to_owned()
    }

    #[test]
    fn r1_spellings_of_one_address_are_one_address() {
        assert_eq!(canonical(" Ada@Example.COM "), "ada@example.com");
        assert_eq!(canonical("ada@bücher.example"), "ada@xn--bcher-kva.example");
        assert_eq!(canonical("ada@BÜCHER.example"), canonical("ada@bu\u{308}cher.example"));
        assert_eq!(canonical("Jose\u{301}@x.test"), "josé@x.test");
    }

    #[test]
    fn r1_an_address_that_could_be_two_recipients_is_refused() {
        for typed in [
            "a\u{ff20}x.test",
            "a@x.test,b@y.test",
            "a@x.test;b@y.test",
            "\"e@evil\"@x.test",
            "a@b@x.test",
            "a@x.test\r\nBcc: b@y.test",
            "a b@x.test",
            "a@x .test",
            "<a@x.test>",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@localhost",
            "a@-x.test",
            "a@x..test",
            ".a@x.test",
            "a.@x.test",
            "@x.test",
            "a@",
            "a\0@x.test",
            "a\u{200b}b@x.test",
            "a\u{202e}b@x.test",
            "\u{301}a@x.test",
            "a.\u{301}a@x.test",
            "a\u{fe0f}@x.test",
        ] {
            assert_eq!(EmailAddress::parse(typed), Err(FieldError::Malformed), "{typed:?}");
        }
    }

    #[test]
    fn n27_r1_domains_in_invalid_punycode_are_refused() {
        for domain in
            ["xn--a.test", "xn--0.test", "XN--A.test", "xn--.test", "x.xn--a", "xn--ls8h=.test", "xn--fa-hia-.de"]
        {
            assert_eq!(EmailAddress::parse(&format!("a@{domain}")), Err(FieldError::Malformed), "{domain}");
        }
        assert_eq!(canonical("a@XN--BCHER-KVA.example"), "a@xn--bcher-kva.example");
        assert_eq!(canonical("a@x.xn--p1ai"), "a@x.xn--p1ai");
        assert_eq!(canonical("a@пример.рф"), "a@xn--e1afmkfd.xn--p1ai");
    }

    #[test]
    fn n27_r1_a_local_part_has_one_spelling() {
        for local in ["ｆi", "ﬁ", "ada²", "①ada", "ſam", "ªda", "ﾀﾅｶ", "ｱda", "𝐚da", "ﻡda", "a․b", "a＠b"]
        {
            assert_eq!(EmailAddress::parse(&format!("{local}@x.test")), Err(FieldError::Malformed), "{local}");
        }
        assert_eq!(canonical("\u{212a}im@x.test"), "kim@x.test");
        assert_eq!(canonical("น้\u{e4d}\u{e32}@x.test"), canonical("น้ำ@x.test"));
        for local in ["น้ำ", "ໜຳ", "タナカ", "김", "straße", "œuvre", "ædi", "ñandú"] {
            assert_eq!(canonical(&format!("{local}@x.test")), format!("{local}@x.test"));
        }
    }

    #[test]
    fn n27_invisible_characters_around_an_address_are_trimmed() {
        for around in
            ["\u{200b}", "\u{feff}", "\u{a0}", "\u{ad}", "\u{200e}", "\u{200f}", "\u{2060}", "\u{202a}", "\t\r\n "]
        {
            assert_eq!(canonical(&format!("{around}ada@x.test{around}")), "ada@x.test", "{around:?}");
            assert_eq!(EmailAddress::parse(around), Err(FieldError::Required), "{around:?}");
        }
    }

    #[test]
    fn n27_addresses_of_scripts_with_combining_marks_are_accepted() {
        assert_eq!(canonical("संपर्क@डाटामेल.भारत"), "संपर्क@xn--c2bd4bq1db8d.xn--h2brj9c");
        for typed in ["ผู้ใช้@x.test", "பயனர்@x.test", "مُحَمَّد@x.test", "q\u{323}\u{307}@x.test", "ব্যবহারকারী@x.test"]
        {
            assert_eq!(canonical(&canonical(typed)), canonical(typed), "{typed}");
        }
    }

    #[test]
    fn blank_and_too_long_addresses_give_different_errors() {
        assert_eq!(EmailAddress::parse("  "), Err(FieldError::Required));
        assert_eq!(EmailAddress::parse(&format!("{}@x.test", "a".repeat(65))), Err(FieldError::TooLong));
        assert_eq!(EmailAddress::parse(&"a".repeat(2000)), Err(FieldError::TooLong));
    }

    proptest! {
        #[test]
        fn r1_canonical_form_is_a_fixed_point(typed in r"[ ]?[A-Za-zÀ-ž0-9.+_-]{1,20}@[A-Za-zÀ-ž0-9-]{1,12}\.[A-Za-z]{2,6}[ ]?") {
            if let Ok(email) = EmailAddress::parse(&typed) {
                prop_assert_eq!(EmailAddress::parse(email.as_str()), Ok(email.clone()));
                prop_assert_eq!(EmailAddress::parse(&typed.to_uppercase().to_lowercase()).is_ok(), true);
            }
        }

        #[test]
        fn any_text_is_answered_without_a_panic(typed in ".*") {
            if let Ok(email) = EmailAddress::parse(&typed) {
                prop_assert!(!email.as_str().contains(char::is_whitespace));
                prop_assert!(!email.as_str().contains(char::is_control));
                prop_assert_eq!(email.as_str().matches('@').count(), 1);
            }
        }

        #[test]
        fn n27_r1_two_spellings_of_one_local_part_are_never_two_accounts(typed in "[^@]{1,6}") {
            let parse = |local: &str| EmailAddress::parse(&format!("{local}@x.test"));
            if let (Ok(email), Ok(plain)) = (parse(&typed), parse(&platform::nfc(&platform::nfkd(&typed)))) {
                prop_assert_eq!(&email, &plain);
                prop_assert_eq!(parse(email.local_part()), Ok(email));
            }
        }
    }
}
