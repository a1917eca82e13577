//! The shop's secret, from which all keys are derived.

use std::{collections::BTreeSet, fmt};

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::reader::{Reader, SecretVariable};
use crate::accounts::DerivedKeys;

/// `SECRET_KEY`: at least 32 random bytes. Its `Debug` output does not contain them.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<Vec<u8>>);

impl SecretKey {
    /// The minimum length of a key, in bytes.
    pub const MIN_LENGTH: usize = 32;
    /// The minimum number of different bytes. A key with fewer was typed instead of generated, such as `changeme` four
    /// times.
    const MIN_DIFFERENT: usize = 8;

    /// Parses base64 of either alphabet, with or without padding.
    ///
    /// # Errors
    /// What is wrong with it, as a message for the operator.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let standard = GeneralPurpose::new(&alphabet::STANDARD, config);
        let url_safe = GeneralPurpose::new(&alphabet::URL_SAFE, config);
        let bytes = standard
            .decode(text)
            .or_else(|_| url_safe.decode(text))
            .map_err(|_| "must be base64; generate one with: openssl rand -base64 32")?;
        Self::from_bytes(bytes)
    }

    /// Returns a key of these bytes.
    ///
    /// # Errors
    /// What is wrong with them, as a message for the operator.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, &'static str> {
        let bytes = Zeroizing::new(bytes);
        if bytes.len() < Self::MIN_LENGTH {
            return Err("must be at least 32 bytes; generate one with: openssl rand -base64 32");
        }
        if bytes.iter().collect::<BTreeSet<_>>().len() < Self::MIN_DIFFERENT {
            return Err("must be random; generate one with: openssl rand -base64 32");
        }
        Ok(Self(bytes))
    }

    pub(super) fn read(reader: &mut Reader, embedded: bool) -> Option<Self> {
        let problems = reader.problem_count();
        let key = Self::read_variable(reader, SecretVariable::SECRET_KEY);
        if key.is_none() && !embedded && reader.problem_count() == problems {
            reader.problem("SECRET_KEY", "is required; generate one with: openssl rand -base64 32");
        }
        key
    }

    pub(super) fn read_previous(reader: &mut Reader) -> Option<Self> {
        Self::read_variable(reader, SecretVariable::SECRET_KEY_PREVIOUS)
    }

    fn read_variable(reader: &mut Reader, variable: SecretVariable) -> Option<Self> {
        let text = Zeroizing::new(reader.secret(variable)?);
        Self::parse(&text).map_err(|reason| reader.problem(variable.name, reason)).ok()
    }

    /// Returns the key for one purpose (HKDF-SHA-256, RFC 5869). A derived key reveals nothing about another.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, &self.0)
            .expand(purpose.as_bytes(), key.as_mut_slice())
            .unwrap_or_else(|_| unreachable!("32 bytes are within HKDF's limit"));
        key
    }
}

/// The shop's secret, and the previous one, whose tokens, cookies and links stay valid while instances change to the
/// current one.
#[derive(Clone, Debug)]
pub struct SecretKeys {
    pub current: SecretKey,
    pub previous: Option<SecretKey>,
}

impl SecretKeys {
    /// Returns the keys for one purpose.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> DerivedKeys {
        let previous = self.previous.as_ref().map(|previous| previous.derive(purpose));
        DerivedKeys::new(self.current.derive(purpose), previous)
    }
}

/// A secret without a previous one.
impl From<SecretKey> for SecretKeys {
    fn from(current: SecretKey) -> Self {
        Self { current, previous: None }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

    #[test]
    fn a_key_is_read_in_every_usual_spelling() {
        assert!(SecretKey::parse(KEY).is_ok());
        assert!(SecretKey::parse(KEY.trim_end_matches('=')).is_ok());
    }

    #[test]
    fn x2_a_short_or_typed_key_is_refused() {
        assert!(SecretKey::parse("c2hvcnQ=").is_err());
        assert!(SecretKey::parse("changeme!").is_err());
        assert!(SecretKey::from_bytes(b"changemechangemechangemechangeme".to_vec()).is_err());
        assert!(SecretKey::parse(&"A".repeat(64)).is_err());
    }

    #[test]
    fn each_purpose_has_a_key_of_its_own() {
        let key = SecretKey::parse(KEY).unwrap();
        assert_ne!(*key.derive("one"), *key.derive("other"));
        assert_eq!(*key.derive("one"), *key.derive("one"));
        assert!(!format!("{key:?}").contains("AQID"));
    }
}
