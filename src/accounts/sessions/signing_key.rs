//! Signing keys: the Ed25519 keys of access tokens, and the times of their use.
//!
//! Keys are numbered, and the state of each follows only from their times, so that all instances agree without
//! communication. Stores keep them sealed: a dump cannot sign anything (ASVS 5.0, 13.3.1).

use std::{fmt, time::Duration};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::accounts::{
    core::derived_keys::{DerivedKeys, WrittenWith},
    ports::Randomness,
};

const NONCE: usize = 24;

/// How long a retired key still verifies after its last token has expired, since clocks may differ.
const LEEWAY: Duration = Duration::from_mins(1);

/// An Ed25519 private key. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// 1 for the first key, and one more for each key after it.
    pub number: u32,
    pub seed: Zeroizing<[u8; 32]>,
    pub created_at: OffsetDateTime,
    /// When it starts to sign. It is published earlier, so that it is known everywhere by then.
    pub signs_from: OffsetDateTime,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, ***)", self.number)
    }
}

/// The state of a key at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published. It signs from its time on.
    Next,
    Signing,
    /// A newer key signs. This one verifies until its last token has expired.
    Retired {
        until: OffsetDateTime,
    },
    /// It no longer verifies anything.
    Over,
}

/// All keys of the shop that can be opened, ordered by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyRing(Vec<SigningKey>);

impl KeyRing {
    #[must_use]
    pub fn new(mut keys: Vec<SigningKey>) -> Self {
        keys.sort_unstable_by_key(|key| key.number);
        Self(keys)
    }

    #[must_use]
    pub fn keys(&self) -> &[SigningKey] {
        &self.0
    }

    /// Returns the key that signs at `now`: the newest whose time has come or, if a clock was set back, the oldest.
    #[must_use]
    pub fn signing(&self, now: OffsetDateTime) -> Option<&SigningKey> {
        self.0.iter().rfind(|key| key.signs_from <= now).or(self.0.first())
    }

    /// Returns the state of the key at `now`, if tokens live for `lifetime`.
    #[must_use]
    pub fn state(&self, key: &SigningKey, now: OffsetDateTime, lifetime: Duration) -> KeyState {
        let signing = self.signing(now).map_or(key.number, |signing| signing.number);
        if key.number >= signing {
            return if key.number == signing { KeyState::Signing } else { KeyState::Next };
        }
        let successor = self.0.iter().find(|other| other.number > key.number && other.signs_from <= now);
        let until = successor.map_or(now, |successor| successor.signs_from) + lifetime + LEEWAY;
        if now < until { KeyState::Retired { until } } else { KeyState::Over }
    }
}

/// A key as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedKey {
    pub number: u32,
    pub created_at: OffsetDateTime,
    pub signs_from: OffsetDateTime,
    /// A nonce, and the seed encrypted with the shop's secret. The number and the times are authenticated with it.
    pub sealed: Vec<u8>,
}

/// Seals keys for the store, and opens them (XChaCha20-Poly1305).
pub struct KeySeal(DerivedKeys);

impl KeySeal {
    /// Creates it with `keys` that are used only for this purpose.
    #[must_use]
    pub fn new(keys: impl Into<DerivedKeys>) -> Self {
        Self(keys.into())
    }

    /// Returns the sealed key.
    ///
    /// # Panics
    /// Never: 32 bytes can always be encrypted.
    #[must_use]
    pub fn seal(&self, key: &SigningKey, randomness: &dyn Randomness) -> SealedKey {
        let SigningKey { number, created_at, signs_from, .. } = *key;
        let mut sealed = vec![0; NONCE];
        randomness.fill(&mut sealed);
        let aad = authenticated(number, created_at, signs_from);
        let payload = Payload { msg: key.seed.as_slice(), aad: &aad };
        let encrypted = cipher(self.0.current()).encrypt(&nonce(&sealed), payload);
        sealed.extend(encrypted.unwrap_or_else(|_| unreachable!("32 bytes are within the cipher's limit")));
        SealedKey { number, created_at, signs_from, sealed }
    }

    /// Returns the opened key, or `None` if it was altered, or sealed with another secret.
    #[must_use]
    pub fn open(&self, key: &SealedKey) -> Option<SigningKey> {
        self.0.all().find_map(|(_, secret)| open(secret, key))
    }

    /// Returns true if the key opens only with the previous secret.
    #[must_use]
    pub fn is_of_previous(&self, key: &SealedKey) -> bool {
        open(self.0.current(), key).is_none()
            && self.0.get(WrittenWith::Previous).is_some_and(|secret| open(secret, key).is_some())
    }
}

fn open(secret: &[u8; 32], key: &SealedKey) -> Option<SigningKey> {
    let SealedKey { number, created_at, signs_from, .. } = *key;
    let (head, encrypted) = key.sealed.split_at_checked(NONCE)?;
    let aad = authenticated(number, created_at, signs_from);
    let opened = Zeroizing::new(cipher(secret).decrypt(&nonce(head), Payload { msg: encrypted, aad: &aad }).ok()?);
    Some(SigningKey { number, seed: Zeroizing::new(opened.as_slice().try_into().ok()?), created_at, signs_from })
}

fn cipher(secret: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(secret.into())
}

fn nonce(bytes: &[u8]) -> XNonce {
    XNonce::try_from(bytes).unwrap_or_else(|_| unreachable!("a nonce is cut to its length"))
}

/// Returns what is authenticated without being secret: an attacker with write access to the store must not revive an
/// old key.
fn authenticated(number: u32, created_at: OffsetDateTime, signs_from: OffsetDateTime) -> Vec<u8> {
    let times = [created_at, signs_from].map(|time| time.unix_timestamp_nanos().to_be_bytes());
    [&number.to_be_bytes()[..], &times[0], &times[1]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::from_mins(15);

    struct Counting;

    impl Randomness for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().zip(0..).for_each(|(byte, number)| *byte = number);
        }
    }

    fn at(minutes: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_800_000_000 + 60 * minutes).unwrap()
    }

    fn key(number: u32, signs_from: i64) -> SigningKey {
        SigningKey { number, seed: Zeroizing::new([7; 32]), created_at: at(0), signs_from: at(signs_from) }
    }

    fn seal(byte: u8) -> KeySeal {
        KeySeal::new(Zeroizing::new([byte; 32]))
    }

    #[test]
    fn t12_a_sealed_key_opens_only_unaltered_and_under_its_secret() {
        let sealed = seal(1).seal(&key(3, 5), &Counting);
        assert_eq!(seal(1).open(&sealed), Some(key(3, 5)));
        assert_eq!(seal(2).open(&sealed), None);
        assert!(!sealed.sealed.windows(32).any(|window| window == [7; 32]));
        assert_eq!(seal(1).open(&SealedKey { signs_from: at(6), ..sealed.clone() }), None);
        assert_eq!(seal(1).open(&SealedKey { number: 4, ..sealed.clone() }), None);
        for length in [0, 10, sealed.sealed.len() - 1] {
            assert_eq!(seal(1).open(&SealedKey { sealed: sealed.sealed[..length].to_vec(), ..sealed.clone() }), None);
        }
    }

    #[test]
    fn n9_x4_a_key_opens_under_the_previous_secret_and_is_sealed_under_the_current_one() {
        let [one, other] = [Zeroizing::new([1; 32]), Zeroizing::new([2; 32])];
        let both = KeySeal::new(DerivedKeys::new(other, Some(one)));
        let old = seal(1).seal(&key(1, 0), &Counting);
        assert_eq!(both.open(&old), Some(key(1, 0)));
        assert!(both.is_of_previous(&old) && !seal(1).is_of_previous(&old) && !seal(9).is_of_previous(&old));
        let new = both.seal(&key(2, 0), &Counting);
        assert!(seal(2).open(&new).is_some() && seal(1).open(&new).is_none() && !both.is_of_previous(&new));
    }

    #[test]
    fn t4_a_key_is_next_then_signs_then_retires_until_its_last_token_has_expired() {
        let ring = KeyRing::new(vec![key(2, 10), key(1, 0), key(3, 30)]);
        let states = |minute| [0, 1, 2].map(|index| ring.state(&ring.keys()[index], at(minute), LIFETIME));
        let retired = |minute: i64| KeyState::Retired { until: at(minute + 15) + LEEWAY };
        assert_eq!(states(9), [KeyState::Signing, KeyState::Next, KeyState::Next]);
        assert_eq!(states(10), [retired(10), KeyState::Signing, KeyState::Next]);
        assert_eq!(states(25), [retired(10), KeyState::Signing, KeyState::Next]);
        assert_eq!(states(26), [KeyState::Over, KeyState::Signing, KeyState::Next]);
        assert_eq!(states(30), [KeyState::Over, retired(30), KeyState::Signing]);
        assert_eq!(states(-5), [KeyState::Signing, KeyState::Next, KeyState::Next], "a clock that was set back");
    }

    #[test]
    fn a_key_never_prints_itself() {
        assert_eq!(format!("{:?}", key(1, 0)), "SigningKey(1, ***)");
    }
}
