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
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use time::Duration;

    use super::*;

    const ORIGIN: &str = "https://shop.test";
    const LIFETIME: Duration = Duration::minutes(15);

    fn tokens() -> JwtAccessTokens {
        tokens_with(vec![key(1, 7, now())])
    }

    fn tokens_with(keys: Vec<SigningKey>) -> JwtAccessTokens {
        let tokens = JwtAccessTokens::new(ORIGIN, LIFETIME.unsigned_abs());
        tokens.use_keys(&KeyRing::new(keys));
        tokens
    }

    fn key(number: u32, seed: u8, signs_from: OffsetDateTime) -> SigningKey {
        SigningKey { number, seed: Zeroizing::new([seed; 32]), created_at: now(), signs_from }
    }

    fn now() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
    }

    fn claims() -> AccessClaims {
        let session = SessionKey { customer: CustomerId::from_bytes([1; 12]), id: SessionId::from_bytes([2; 16]) };
        let identity = Identity { session, role: Role::Admin };
        AccessClaims { identity, issued_at: now(), expires_at: now() + LIFETIME }
    }

    /// Returns a token signed with our key, with `change` applied to its header and claims.
    fn altered(change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let keys = tokens().keys();
        let key = &keys.ready[0];
        let mut header = serde_json::to_value(&key.header).unwrap();
        let mut body = json!({
            "iss": ORIGIN, "aud": ORIGIN, "sub": "01".repeat(12), "sid": SessionId::from_bytes([2; 16]).to_string(),
            "role": "admin", "iat": now().unix_timestamp(), "exp": now().unix_timestamp() + 900,
        });
        change(&mut header, &mut body);
        let message = format!("{}.{}", part(&header).unwrap(), part(&body).unwrap());
        let signature = URL_SAFE_NO_PAD.encode(key.pair.sign(message.as_bytes()).to_bytes());
        format!("{message}.{signature}")
    }

    #[test]
    fn a_token_contains_the_claims_it_was_minted_with() {
        let token = tokens().mint(&claims()).unwrap();
        assert_eq!(tokens().verify(&token, now()), Some(claims()));
        assert_eq!(tokens().verify(&altered(|_, _| {}), now()), Some(claims()));
    }

    #[test]
    fn a_token_expires_after_its_lifetime_and_the_leeway_whether_cached_or_not() {
        let tokens_that_remember = tokens();
        let token = tokens_that_remember.mint(&claims()).unwrap();
        let end = now() + Duration::minutes(15) + Duration::seconds(LEEWAY);
        for _ in 0..2 {
            assert!(tokens_that_remember.verify(&token, end - Duration::seconds(1)).is_some());
            assert!(tokens_that_remember.verify(&token, end).is_none());
        }
        assert!(tokens().verify(&token, end).is_none());
    }

    #[test]
    fn t3_an_altered_copy_of_a_cached_token_is_refused() {
        let tokens = tokens();
        let token = tokens.mint(&claims()).unwrap();
        assert!(tokens.verify(&token, now()).is_some());
        let (message, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = message.split_once('.').unwrap();
        let other = tokens.mint(&AccessClaims { issued_at: now() - Duration::seconds(1), ..claims() }).unwrap();
        let body = other.split('.').nth(1).unwrap();
        assert!(tokens.verify(&format!("{header}.{body}.{signature}"), now()).is_none());
        assert!(tokens.verify(&format!("{message}."), now()).is_none());
    }

    #[test]
    fn t3_any_token_that_is_not_exactly_ours_is_refused() {
        type Change = fn(&mut Value, &mut Value);
        let changes: [(&str, Change); 20] = [
            ("alg none", |h, _| h["alg"] = json!("none")),
            ("alg HS256", |h, _| h["alg"] = json!("HS256")),
            ("another kid", |h, _| h["kid"] = json!("other")),
            ("a path as kid", |h, _| h["kid"] = json!("../../x")),
            ("no kid", |h, _| drop(h.as_object_mut().unwrap().remove("kid"))),
            ("another typ", |h, _| h["typ"] = json!("JWT")),
            ("no typ", |h, _| drop(h.as_object_mut().unwrap().remove("typ"))),
            ("a critical extension", |h, _| h["crit"] = json!(["b64"])),
            ("the address of a key", |h, _| h["jku"] = json!("https://evil.test/jwks.json")),
            ("a key of its own", |h, _| h["jwk"] = json!({ "kty": "OKP", "crv": "Ed25519", "x": "AA" })),
            ("a field of its own", |h, _| h["b64"] = json!("false")),
            ("another issuer", |_, b| b["iss"] = json!("https://evil.test")),
            ("another audience", |_, b| b["aud"] = json!("https://evil.test")),
            ("no issuer", |_, b| drop(b.as_object_mut().unwrap().remove("iss"))),
            ("no exp", |_, b| drop(b.as_object_mut().unwrap().remove("exp"))),
            ("a string exp", |_, b| b["exp"] = json!("9999999999")),
            ("a huge exp", |_, b| b["exp"] = json!(i64::MAX)),
            ("no sid", |_, b| drop(b.as_object_mut().unwrap().remove("sid"))),
            ("an invalid id as sub", |_, b| b["sub"] = json!("admin")),
            ("an unknown role", |_, b| b["role"] = json!("root")),
        ];
        for (name, change) in changes {
            assert!(tokens().verify(&altered(change), now()).is_none(), "{name}");
        }
    }

    #[test]
    fn t3_another_key_and_a_missing_signature_are_refused() {
        let other = tokens_with(vec![key(1, 8, now())]);
        assert!(tokens().verify(&other.mint(&claims()).unwrap(), now()).is_none());
        let token = tokens().mint(&claims()).unwrap();
        let (message, _) = token.rsplit_once('.').unwrap();
        assert!(tokens().verify(&format!("{message}."), now()).is_none());
        assert!(tokens().verify(message, now()).is_none());
    }

    #[test]
    fn t4_a_token_lives_until_it_expires_while_newer_keys_take_over() {
        let tokens = tokens_with(vec![key(1, 7, now()), key(2, 8, now() + Duration::minutes(10))]);
        let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        let minted_at =
            |time| tokens.mint(&AccessClaims { issued_at: time, expires_at: time + LIFETIME, ..claims() }).unwrap();
        let ids = [key(1, 7, now()), key(2, 8, now())].map(|key| key_id(&key));
        let published = |time| tokens.published(time).into_iter().map(|key| key.id).collect::<Vec<_>>();
        let old = minted_at(now() + Duration::minutes(9));
        let new = minted_at(now() + Duration::minutes(10));
        assert_eq!([kid(&old), kid(&new)], ids);
        assert!(tokens.verify(&new, now()).is_some(), "an instance whose clock is ahead signs with it already");
        assert!(tokens.verify(&old, now() + Duration::minutes(24)).is_some());
        assert_eq!(published(now()), ids, "a key is known before it signs");
        assert_eq!(published(now() + Duration::minutes(26)), ids[1..]);
        let forever = AccessClaims { issued_at: now(), expires_at: now() + Duration::DAY, ..claims() };
        let forever = tokens.mint(&forever).unwrap();
        assert!(
            tokens.verify(&forever, now() + Duration::minutes(26)).is_none(),
            "a key that is over verifies nothing"
        );
    }

    #[test]
    fn t4_a_removed_key_verifies_no_token_whether_cached_or_not() {
        let tokens = tokens();
        let token = tokens.mint(&claims()).unwrap();
        assert!(tokens.verify(&token, now()).is_some());
        tokens.use_keys(&KeyRing::new(vec![key(2, 8, now())]));
        assert!(tokens.verify(&token, now()).is_none());
        assert!(JwtAccessTokens::new(ORIGIN, LIFETIME.unsigned_abs()).mint(&claims()).is_err());
    }

    #[test]
    fn t2_a_token_holds_no_personal_data() {
        let token = tokens().mint(&claims()).unwrap();
        let body = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let mut keys: Vec<&String> = body.as_object().unwrap().keys().collect();
        keys.sort_unstable();
        assert_eq!(keys, ["aud", "exp", "iat", "iss", "role", "sid", "sub"]);
    }

    proptest! {
        #[test]
        fn garbage_is_no_token(token in r"[A-Za-z0-9_.=-]{0,200}") {
            prop_assert!(tokens().verify(&token, now()).is_none());
        }
    }
}
