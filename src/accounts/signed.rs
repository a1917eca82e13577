//! What a cookie carries that only this system can have written: bytes and their MAC, in base64url. It hides nothing.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

const MAC: usize = 32;

/// Signs what browsers keep, and knows it again.
pub(super) struct Signed {
    key: Zeroizing<[u8; 32]>,
}

impl Signed {
    /// `key` is for one purpose alone.
    pub fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self { key }
    }

    pub fn write(&self, content: &[u8]) -> Zeroizing<String> {
        let mac = self.mac(content).finalize().into_bytes();
        Zeroizing::new(URL_SAFE_NO_PAD.encode([content, mac.as_slice()].concat()))
    }

    /// What was written; `None` unless it was this system that wrote it.
    pub fn read(&self, text: &str) -> Option<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let content = bytes.len().checked_sub(MAC)?;
        self.mac(&bytes[..content]).verify_slice(&bytes[content..]).ok()?;
        bytes.truncate(content);
        Some(bytes)
    }

    fn mac(&self, content: &[u8]) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.key.as_slice())
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(content);
        mac
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn signed() -> Signed {
        Signed::new(Zeroizing::new([1; 32]))
    }

    #[test]
    fn what_was_written_is_read_and_no_change_of_it() {
        let text = signed().write(b"seven");
        assert_eq!(signed().read(&text).as_deref().map(Vec::as_slice), Some(b"seven".as_slice()));
        for position in 0..text.len() {
            let mut altered = text.as_bytes().to_vec();
            altered[position] = if altered[position] == b'A' { b'B' } else { b'A' };
            assert_eq!(signed().read(str::from_utf8(&altered).unwrap()), None, "{position}");
        }
        assert_eq!(Signed::new(Zeroizing::new([9; 32])).read(&text), None);
    }

    proptest! {
        #[test]
        fn what_anybody_writes_is_not_ours(text in ".{0,120}") {
            prop_assert_eq!(signed().read(&text), None);
        }
    }
}
