//! Refresh tokens: opaque to clients, and derived instead of stored.
//!
//! A token contains its session, its generation, and a MAC over both with a key of that session. A client that sends
//! generation *n* again within the grace period gets the same generation *n + 1*, although no store remembers it.
//! Concurrent requests can never create two successors. Stores keep only hashes of tokens.
//!
//! While the shop's secret is changed, there are two keys, and a session keeps the one that it started with: the
//! successor of a token is derived with the key of that token. Otherwise concurrent requests to an instance with the
//! new configuration and one with the old would get two successors. The store would know only one of them, and the
//! customer would be signed out as if the other had been stolen. So a session of the previous key lasts until that key
//! is removed from the configuration. A login or a password confirmation starts a session with the current key.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    accounts::{
        core::derived_keys::{DerivedKeys, WrittenWith},
        sessions::session::{SessionId, SessionKey},
    },
    domain::CustomerId,
};

const SESSION: usize = 16;
const CUSTOMER: usize = SESSION + 12;
const GENERATION: usize = CUSTOMER + 4;
const TOKEN: usize = GENERATION + 32;

/// The SHA-256 of a refresh token, which a store keeps. It grants no access (ASVS 5.0, 7.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

/// A refresh token with a valid MAC. `Debug` hides the MAC.
pub struct RefreshToken {
    session: SessionKey,
    generation: u32,
    made_with: WrittenWith,
    bytes: Zeroizing<[u8; TOKEN]>,
}

impl RefreshToken {
    /// Returns the session that it belongs to.
    #[must_use]
    pub fn session(&self) -> SessionKey {
        self.session
    }

    /// Returns the hash that stores keep.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(*self.bytes).into())
    }

    /// Returns the value of the cookie: 86 characters.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(*self.bytes))
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefreshToken({:?}, generation {}, ***)", self.session, self.generation)
    }
}

/// Derives and verifies refresh tokens.
pub struct RefreshTokens {
    keys: DerivedKeys,
}

impl RefreshTokens {
    /// Creates it with `keys` that are used only for this purpose.
    #[must_use]
    pub fn new(keys: impl Into<DerivedKeys>) -> Self {
        Self { keys: keys.into() }
    }

    /// Returns the first token of a new session.
    #[must_use]
    pub fn first(&self, session: SessionKey) -> RefreshToken {
        derive(self.keys.current(), WrittenWith::Current, session, 0)
    }

    /// Returns the only successor of `token`, derived with the same key. `None` after more than 4,000,000,000
    /// generations.
    #[must_use]
    pub fn successor(&self, token: &RefreshToken) -> Option<RefreshToken> {
        let key = self.keys.get(token.made_with)?;
        Some(derive(key, token.made_with, token.session, token.generation.checked_add(1)?))
    }

    /// Parses a cookie. Returns `None` unless this system made it. Needs no store, so that garbage is cheap.
    #[must_use]
    pub fn parse(&self, cookie: &str) -> Option<RefreshToken> {
        let bytes: Zeroizing<[u8; TOKEN]> =
            Zeroizing::new(Zeroizing::new(URL_SAFE_NO_PAD.decode(cookie).ok()?).as_slice().try_into().ok()?);
        let session = SessionKey {
            id: SessionId::from_bytes(bytes[..SESSION].try_into().ok()?),
            customer: CustomerId::from_bytes(bytes[SESSION..CUSTOMER].try_into().ok()?),
        };
        let generation = u32::from_be_bytes(bytes[CUSTOMER..GENERATION].try_into().ok()?);
        let is_of = |key| mac(key, session, generation).verify_slice(&bytes[GENERATION..]).is_ok();
        let (made_with, _) = self.keys.all().find(|(_, key)| is_of(*key))?;
        Some(RefreshToken { session, generation, made_with, bytes })
    }
}

fn derive(key: &[u8; 32], made_with: WrittenWith, session: SessionKey, generation: u32) -> RefreshToken {
    let mut bytes = Zeroizing::new([0; TOKEN]);
    bytes[..SESSION].copy_from_slice(&session.id.to_bytes());
    bytes[SESSION..CUSTOMER].copy_from_slice(&session.customer.to_bytes());
    bytes[CUSTOMER..GENERATION].copy_from_slice(&generation.to_be_bytes());
    bytes[GENERATION..].copy_from_slice(&mac(key, session, generation).finalize().into_bytes());
    RefreshToken { session, generation, made_with, bytes }
}

/// Returns the MAC of one generation, with the key of its session.
fn mac(key: &[u8; 32], session: SessionKey, generation: u32) -> Hmac<Sha256> {
    let mut session_key = keyed(key);
    session_key.update(&session.id.to_bytes());
    session_key.update(&session.customer.to_bytes());
    let mut mac = keyed(&session_key.finalize().into_bytes());
    mac.update(&generation.to_be_bytes());
    mac
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens() -> RefreshTokens {
        RefreshTokens::new(Zeroizing::new([1; 32]))
    }

    fn session() -> SessionKey {
        SessionKey { customer: CustomerId::from_bytes([2; 12]), id: SessionId::from_bytes([3; 16]) }
    }

    #[test]
    fn t6_a_token_has_one_successor() {
        let first = tokens().first(session());
        let one = tokens().successor(&first).unwrap().expose();
        let other = tokens().successor(&first).unwrap().expose();
        assert_eq!(*one, *other);
        assert_ne!(*one, *first.expose());
    }

    #[test]
    fn a_token_survives_its_writing_and_no_change() {
        let token = tokens().first(session()).expose();
        assert_eq!(tokens().parse(&token).unwrap().session(), session());
        for position in 0..token.len() {
            let mut altered = token.as_bytes().to_vec();
            altered[position] = if altered[position] == b'A' { b'B' } else { b'A' };
            assert!(tokens().parse(std::str::from_utf8(&altered).unwrap()).is_none(), "{position}");
        }
        assert!(RefreshTokens::new(Zeroizing::new([9; 32])).parse(&token).is_none());
    }

    /// Returns the configurations that an instance may have while the key `[1; 32]` is replaced by `[2; 32]`.
    fn instances() -> [RefreshTokens; 4] {
        let [old, new] = [1, 2].map(|byte| Zeroizing::new([byte; 32]));
        [
            old.clone().into(),
            DerivedKeys::new(old.clone(), Some(new.clone())),
            DerivedKeys::new(new.clone(), Some(old.clone())),
            DerivedKeys::new(new, Some(old)),
        ]
        .map(RefreshTokens::new)
    }

    #[test]
    fn n9_x4_t6_a_token_of_the_previous_key_has_the_same_successor_on_every_instance() {
        let mut token = tokens().first(session()).expose();
        for _ in 0..3 {
            let successors =
                instances().map(|tokens| tokens.successor(&tokens.parse(&token).unwrap()).unwrap().expose());
            assert!(successors.iter().all(|successor| **successor == *successors[0]));
            token = successors[0].clone();
        }
    }

    #[test]
    fn n9_x4_t6_a_token_of_the_new_key_has_the_same_successor_on_every_instance_that_knows_it() {
        let [_, early, late, _] = instances();
        let token = late.first(session()).expose();
        let successors =
            [&early, &late].map(|tokens| tokens.successor(&tokens.parse(&token).unwrap()).unwrap().expose());
        assert_eq!(*successors[0], *successors[1]);
        assert!(tokens().parse(&token).is_none(), "who knows the old key alone makes no token of the new one");
    }

    #[test]
    fn a_token_never_prints_itself() {
        let token = tokens().first(session());
        let mac = &token.expose()[44..];
        assert!(!format!("{token:?}").contains(mac));
    }

    proptest! {
        #[test]
        fn garbage_is_no_token(cookie in ".{0,120}") {
            prop_assert!(tokens().parse(&cookie).is_none());
        }
    }
}
