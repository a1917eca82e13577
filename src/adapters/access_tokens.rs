//! Access tokens: JWTs signed with Ed25519 (RFC 7519, RFC 8037), validated as strictly as RFC 8725 recommends.
//!
//! Only one algorithm, this shop's own keys, one issuer, one audience and one type are accepted. A token's header
//! selects one of the known keys by id and has no other effect. A token with an unknown key id is rejected; nothing is
//! fetched. Verifying a signature costs more than the rest of a request for a profile, so verified tokens are cached by
//! their digest until newer ones displace them or the keys change. The expiry is checked on every request.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer, VerifyingKey};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::ed25519;
use crate::{
    accounts::{
        AccessClaims, Identity, KeyRing, KeyState, SessionId, SessionKey, SigningKey,
        ports::{AccessTokens, CLOCK_SKEW, PublicKey},
    },
    domain::{CustomerId, Role},
};

/// The type of an access token (RFC 9068). It prevents other JWTs from being accepted as one.
const TYPE: &str = "at+jwt";
/// The tolerated clock skew, in seconds.
const LEEWAY: i64 = CLOCK_SKEW.as_secs().cast_signed();
/// The number of verified tokens in the cache, at about 150 bytes each.
const REMEMBERED: usize = 10_000;

/// Issues and verifies access tokens with the current keys.
pub struct JwtAccessTokens {
    origin: String,
    validation: Validation,
    /// The lifetime of a token.
    lifetime: Duration,
    keys: RwLock<Arc<Keys>>,
}

/// The keys, and the tokens that were verified with them.
struct Keys {
    ring: KeyRing,
    ready: Vec<ReadyKey>,
    /// The claims of verified tokens, by the SHA-256 of the token. Rejected tokens are never added, so callers without
    /// a token of this shop cannot fill the cache.
    verified: Cache<[u8; 32], AccessClaims>,
}

/// A key of the ring, prepared for signing and verifying.
struct ReadyKey {
    number: u32,
    public: PublicKey,
    header: Header,
    /// The encoded header, which is the first part of a token.
    header_part: String,
    pair: ed25519_dalek::SigningKey,
    verifying: DecodingKey,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    role: Role,
    iat: i64,
    exp: i64,
}

impl JwtAccessTokens {
    /// Returns an issuer without keys, which cannot sign or verify anything yet. `origin` is both issuer and audience.
    #[must_use]
    pub fn new(origin: &str, lifetime: Duration) -> Self {
        ed25519::install();
        let mut validation = Validation::new(Algorithm::EdDSA);
        // The time comes from the port, see `verify`.
        validation.validate_exp = false;
        validation.set_issuer(&[origin]);
        validation.set_audience(&[origin]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        let keys = RwLock::new(Arc::new(Keys::of(&KeyRing::default())));
        Self { origin: origin.to_owned(), validation, lifetime, keys }
    }

    fn keys(&self) -> Arc<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the token's claims if it is unaltered and signed by this shop. Does not check the expiry.
    fn read(&self, keys: &Keys, token: &str, now: OffsetDateTime) -> Option<AccessClaims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let key = keys.named(header.kid.as_deref()?, now, self.lifetime)?;
        // The header must have no other parameters: extensions that it marks as critical would not be processed (RFC
        // 7515, 4.1.11).
        if header != key.header {
            return None;
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &key.verifying, &self.validation).ok()?.claims;
        let session = SessionKey { customer: CustomerId::parse(&claims.sub).ok()?, id: SessionId::parse(&claims.sid)? };
        Some(AccessClaims {
            identity: Identity { session, role: claims.role },
            issued_at: OffsetDateTime::from_unix_timestamp(claims.iat).ok()?,
            expires_at: OffsetDateTime::from_unix_timestamp(claims.exp).ok()?,
        })
    }
}

impl Keys {
    fn of(ring: &KeyRing) -> Self {
        let ready = ring.keys().iter().map(ReadyKey::of).collect();
        Self { ring: ring.clone(), ready, verified: Cache::new(REMEMBERED) }
    }

    fn signing(&self, now: OffsetDateTime) -> Option<&ReadyKey> {
        let number = self.ring.signing(now)?.number;
        self.ready.iter().find(|key| key.number == number)
    }

    /// Returns the keys that may verify at `now`.
    fn good(&self, now: OffsetDateTime, lifetime: Duration) -> impl Iterator<Item = &ReadyKey> {
        let is_good = move |key: &SigningKey| self.ring.state(key, now, lifetime) != KeyState::Over;
        self.ring.keys().iter().zip(&self.ready).filter(move |(key, _)| is_good(key)).map(|(_, ready)| ready)
    }

    fn named(&self, id: &str, now: OffsetDateTime, lifetime: Duration) -> Option<&ReadyKey> {
        self.good(now, lifetime).find(|key| key.public.id == id)
    }
}

impl ReadyKey {
    fn of(key: &SigningKey) -> Self {
        let pair = ed25519_dalek::SigningKey::from_bytes(&key.seed);
        let public = pair.verifying_key();
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        let id = thumbprint(&public);
        header.kid = Some(id.clone());
        let header_part = part(&header).unwrap_or_else(|_| unreachable!("a header is JSON"));
        Self {
            number: key.number,
            public: PublicKey { id, key: public.to_bytes() },
            header,
            header_part,
            pair,
            verifying: DecodingKey::from_ed_der(public.as_bytes()),
        }
    }
}

/// Encodes a part of a token: base64url of JSON (RFC 7515, 3).
fn part(content: &impl Serialize) -> serde_json::Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(content)?))
}

impl AccessTokens for JwtAccessTokens {
    fn mint(&self, claims: &AccessClaims) -> Result<Zeroizing<String>, Box<dyn std::error::Error + Send + Sync>> {
        let AccessClaims { identity: Identity { session, role }, issued_at, expires_at } = claims;
        let keys = self.keys();
        let key = keys.signing(*issued_at).ok_or("no signing key available")?;
        let claims = Claims {
            iss: self.origin.clone(),
            aud: self.origin.clone(),
            sub: session.customer.to_string(),
            sid: session.id.to_string(),
            role: *role,
            iat: issued_at.unix_timestamp(),
            exp: expires_at.unix_timestamp(),
        };
        // Not signed by the library, which parses the key and derives its public half for each token. That takes as
        // long as the signature, and signing is most of the cost of a refresh.
        let mut token = Zeroizing::new(format!("{}.{}", key.header_part, part(&claims)?));
        let signature = key.pair.sign(token.as_bytes()).to_bytes();
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    fn verify(&self, token: &str, now: OffsetDateTime) -> Option<AccessClaims> {
        let keys = self.keys();
        let digest = Sha256::digest(token).into();
        let remembered = keys.verified.get(&digest);
        let claims = remembered.or_else(|| self.read(&keys, token, now))?;
        if now.unix_timestamp() >= claims.expires_at.unix_timestamp() + LEEWAY {
            return None;
        }
        if remembered.is_none() {
            keys.verified.insert(digest, claims);
        }
        Some(claims)
    }

    fn use_keys(&self, ring: &KeyRing) {
        if self.keys().ring != *ring {
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Keys::of(ring));
        }
    }

    fn published(&self, now: OffsetDateTime) -> Vec<PublicKey> {
        let keys = self.keys();
        keys.good(now, self.lifetime).map(|key| key.public.clone()).collect()
    }
}

/// Returns the key id in tokens: the JWK thumbprint (RFC 7638).
#[must_use]
pub fn key_id(key: &SigningKey) -> String {
    thumbprint(&ed25519_dalek::SigningKey::from_bytes(&key.seed).verifying_key())
}

/// Returns the thumbprint as defined by RFC 8037, appendix A.3.
fn thumbprint(public: &VerifyingKey) -> String {
    let x = URL_SAFE_NO_PAD.encode(public);
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)))
}

#[cfg(test)]
mod tests;
