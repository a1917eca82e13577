//! What a customer wants to be called.

use std::fmt;

use super::FieldError;
use crate::platform;

/// A person's name: 1 to 100 code points, trimmed, in Unicode NFC, without control characters. Nothing else is
/// assumed of it, since names follow no rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// The longest name, in code points.
    pub const MAX_LENGTH: usize = 100;

    /// Reads a name as it was typed.
    ///
    /// # Errors
    /// `Required` when blank, `TooLong` above [`Self::MAX_LENGTH`], `Malformed` with a control character in it.
    pub fn parse(typed: &str) -> Result<Self, FieldError> {
        let name = platform::nfc(typed.trim());
        if name.is_empty() {
            return Err(FieldError::Required);
        }
        if name.chars().count() > Self::MAX_LENGTH {
            return Err(FieldError::TooLong);
        }
        if name.chars().any(char::is_control) {
            return Err(FieldError::Malformed);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_otherwise_kept() {
        assert_eq!(PersonName::parse("  Zoë O’Neil-Łuk ").unwrap().as_str(), "Zoë O’Neil-Łuk");
    }

    #[test]
    fn a_blank_a_long_and_a_control_character_are_told_apart() {
        assert_eq!(PersonName::parse(" \t "), Err(FieldError::Required));
        assert_eq!(PersonName::parse(&"é".repeat(101)), Err(FieldError::TooLong));
        assert!(PersonName::parse(&"é".repeat(100)).is_ok());
        assert_eq!(PersonName::parse("a\u{1b}[31mb"), Err(FieldError::Malformed));
    }
}
