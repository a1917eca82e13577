//! The signer of access tokens.

use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::accounts::sessions::{session::AccessClaims, signing_key::KeyRing};

/// A key with which anyone can verify access tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Its id in the header of a token.
    pub id: String,
    /// An Ed25519 public key.
    pub key: [u8; 32],
}

/// Signs and verifies access tokens.
pub trait AccessTokens: Send + Sync {
    /// Returns a token with these claims, signed by the key that signs when it is issued.
    ///
    /// # Errors
    /// If it cannot be signed, which is a bug.
    fn mint(&self, claims: &AccessClaims) -> Result<Zeroizing<String>, Box<dyn std::error::Error + Send + Sync>>;

    /// Returns the claims of the token if this system signed it, it is unaltered, and it has not expired at `now`.
    fn verify(&self, token: &str, now: OffsetDateTime) -> Option<AccessClaims>;

    /// Replaces the keys.
    fn use_keys(&self, keys: &KeyRing);

    /// Returns the keys with which tokens can be verified at `now`, including those that will sign soon.
    fn published(&self, now: OffsetDateTime) -> Vec<PublicKey>;
}
