//! Refresh tokens: opaque to everybody else, derived and not stored.
//!
//! A token names its session and its generation, and carries a MAC over both under a key of that session. Whoever
//! holds generation *n* and asks again within the grace gets the very same generation *n + 1* without a store that
//! remembers it; two requests at once can never mint two siblings. Stores keep only hashes of tokens.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{SessionId, SessionKey};
use crate::domain::CustomerId;

const SESSION: usize = 16;
const CUSTOMER: usize = SESSION + 12;
const GENERATION: usize = CUSTOMER + 4;
const TOKEN: usize = GENERATION + 32;

/// The SHA-256 of a refresh token: what a store keeps of it. It opens nothing (ASVS 5.0, 7.2.3).
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

/// A refresh token whose MAC holds. It never prints itself.
pub struct RefreshToken {
    session: SessionKey,
    generation: u32,
    bytes: Zeroizing<[u8; TOKEN]>,
}

impl RefreshToken {
    /// The session it belongs to.
    #[must_use]
    pub fn session(&self) -> SessionKey {
        self.session
    }

    /// What stores keep of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(*self.bytes).into())
    }

    /// The 86 characters for the cookie.
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

/// Makes and reads refresh tokens.
pub struct RefreshTokens {
    key: Zeroizing<[u8; 32]>,
}

impl RefreshTokens {
    /// `key` is for this purpose alone.
    #[must_use]
    pub fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self { key }
    }

    /// The token that a new session starts with.
    #[must_use]
    pub fn first(&self, session: SessionKey) -> RefreshToken {
        self.derive(session, 0)
    }

    /// The one token that follows `token`; `None` after four thousand million of them.
    #[must_use]
    pub fn successor(&self, token: &RefreshToken) -> Option<RefreshToken> {
        Some(self.derive(token.session, token.generation.checked_add(1)?))
    }

    /// Reads a cookie: `None` unless this system made it. Costs no store, so that garbage is cheap.
    #[must_use]
    pub fn parse(&self, cookie: &str) -> Option<RefreshToken> {
        let bytes: Zeroizing<[u8; TOKEN]> =
            Zeroizing::new(Zeroizing::new(URL_SAFE_NO_PAD.decode(cookie).ok()?).as_slice().try_into().ok()?);
        let session = SessionKey {
            id: SessionId::from_bytes(bytes[..SESSION].try_into().ok()?),
            customer: CustomerId::from_bytes(bytes[SESSION..CUSTOMER].try_into().ok()?),
        };
        let generation = u32::from_be_bytes(bytes[CUSTOMER..GENERATION].try_into().ok()?);
        self.mac(session, generation).verify_slice(&bytes[GENERATION..]).ok()?;
        Some(RefreshToken { session, generation, bytes })
    }

    fn derive(&self, session: SessionKey, generation: u32) -> RefreshToken {
        let mut bytes = Zeroizing::new([0; TOKEN]);
        bytes[..SESSION].copy_from_slice(&session.id.to_bytes());
        bytes[SESSION..CUSTOMER].copy_from_slice(&session.customer.to_bytes());
        bytes[CUSTOMER..GENERATION].copy_from_slice(&generation.to_be_bytes());
        bytes[GENERATION..].copy_from_slice(&self.mac(session, generation).finalize().into_bytes());
        RefreshToken { session, generation, bytes }
    }

    /// The MAC of one generation, under the key of its session.
    fn mac(&self, session: SessionKey, generation: u32) -> Hmac<Sha256> {
        let mut session_key = keyed(self.key.as_slice());
        session_key.update(&session.id.to_bytes());
        session_key.update(&session.customer.to_bytes());
        let mut mac = keyed(&session_key.finalize().into_bytes());
        mac.update(&generation.to_be_bytes());
        mac
    }
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
