//! Signed cookie values: bytes and their MAC, in base64url. Only this system can write them. They are not encrypted.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::accounts::core::derived_keys::DerivedKeys;

const MAC: usize = 32;

/// Signs and verifies values that browsers keep.
pub(in crate::accounts) struct Signed {
    keys: DerivedKeys,
}

impl Signed {
    /// Creates it with `keys` that are used only for one purpose.
    pub fn new(keys: impl Into<DerivedKeys>) -> Self {
        Self { keys: keys.into() }
    }

    pub fn write(&self, content: &[u8]) -> Zeroizing<String> {
        let mac = mac(self.keys.current(), content).finalize().into_bytes();
        Zeroizing::new(URL_SAFE_NO_PAD.encode([content, mac.as_slice()].concat()))
    }

    /// Returns the content, or `None` if it was not written by this system with one of the keys.
    pub fn read(&self, text: &str) -> Option<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let content = bytes.len().checked_sub(MAC)?;
        let is_ours = |key| mac(key, &bytes[..content]).verify_slice(&bytes[content..]).is_ok();
        if !self.keys.all().any(|(_, key)| is_ours(key)) {
            return None;
        }
        bytes.truncate(content);
        Some(bytes)
    }
}

fn mac(key: &[u8], content: &[u8]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(content);
    mac
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn signed() -> Signed {
        Signed::new(Zeroizing::new([1; 32]))
    }

    #[test]
    fn a_signed_value_is_read_only_unaltered() {
        let text = signed().write(b"seven");
        assert_eq!(signed().read(&text).as_deref().map(Vec::as_slice), Some(b"seven".as_slice()));
        for position in 0..text.len() {
            let mut altered = text.as_bytes().to_vec();
            altered[position] = if altered[position] == b'A' { b'B' } else { b'A' };
            assert_eq!(signed().read(str::from_utf8(&altered).unwrap()), None, "{position}");
        }
        assert_eq!(Signed::new(Zeroizing::new([9; 32])).read(&text), None);
    }

    #[test]
    fn n9_x4_values_signed_with_the_previous_key_are_read_and_new_ones_use_the_current_key() {
        let [one, other] = [Zeroizing::new([1; 32]), Zeroizing::new([2; 32])];
        let both = Signed::new(DerivedKeys::new(other.clone(), Some(one)));
        let content = b"seven".as_slice();
        assert_eq!(both.read(&signed().write(content)).as_deref().map(Vec::as_slice), Some(content));
        let new = both.write(content);
        assert_eq!(Signed::new(other).read(&new).as_deref().map(Vec::as_slice), Some(content));
        assert_eq!(signed().read(&new), None);
        assert_eq!(both.read(&Signed::new(Zeroizing::new([9; 32])).write(content)), None);
    }

    proptest! {
        #[test]
        fn a_text_without_our_signature_is_refused(text in ".{0,120}") {
            prop_assert_eq!(signed().read(&text), None);
        }
    }
}
