//! Access tokens: JWTs signed with Ed25519 (RFC 7519, RFC 8037), read as strictly as RFC 8725 asks.
//!
//! Only one algorithm, one key, one issuer, audience and type are ever accepted; nothing in a token's header chooses
//! any of them. Verifying a signature costs more than all else that a request for a profile does, so a token that
//! passed is remembered, by its digest, until newer ones take its place; whether its time is over is asked anew.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    accounts::{AccessClaims, Identity, SessionId, SessionKey, ports::AccessTokens},
    domain::{CustomerId, Role},
};

/// RFC 9068: an access token, so that no other JWT passes for one.
const TYPE: &str = "at+jwt";
/// How far clocks may be apart, in seconds.
const LEEWAY: i64 = 30;
/// How many verified tokens are remembered, at about 150 bytes each.
const REMEMBERED: usize = 10_000;

/// Mints and verifies with one key.
pub struct JwtAccessTokens {
    origin: String,
    header: Header,
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
    /// What tokens say that were verified, by the SHA-256 of the token. What was refused is never in it, so that
    /// nobody without a token of ours can fill it.
    verified: Cache<[u8; 32], AccessClaims>,
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
    /// `seed` is the Ed25519 private key; `origin` is both issuer and audience.
    ///
    /// # Errors
    /// When the key cannot be encoded, which is a defect.
    pub fn new(seed: &Zeroizing<[u8; 32]>, origin: &str) -> Result<Self, ed25519_dalek::pkcs8::Error> {
        let key = SigningKey::from_bytes(seed);
        let public = key.verifying_key();
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(thumbprint(public.as_bytes()));
        let mut validation = Validation::new(Algorithm::EdDSA);
        // The time comes from the port; see `verify`.
        validation.validate_exp = false;
        validation.set_issuer(&[origin]);
        validation.set_audience(&[origin]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        Ok(Self {
            origin: origin.to_owned(),
            header,
            signing: EncodingKey::from_ed_der(key.to_pkcs8_der()?.as_bytes()),
            verifying: DecodingKey::from_ed_der(public.as_bytes()),
            validation,
            verified: Cache::new(REMEMBERED),
        })
    }

    /// What the token says, if it is one of ours and unaltered, be it over or not.
    fn read(&self, token: &str) -> Option<AccessClaims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.kid != self.header.kid || header.typ != self.header.typ {
            return None;
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation).ok()?.claims;
        let session = SessionKey { customer: CustomerId::parse(&claims.sub).ok()?, id: SessionId::parse(&claims.sid)? };
        Some(AccessClaims {
            identity: Identity { session, role: claims.role },
            issued_at: OffsetDateTime::from_unix_timestamp(claims.iat).ok()?,
            expires_at: OffsetDateTime::from_unix_timestamp(claims.exp).ok()?,
        })
    }
}

impl AccessTokens for JwtAccessTokens {
    fn mint(&self, claims: &AccessClaims) -> Result<Zeroizing<String>, Box<dyn std::error::Error + Send + Sync>> {
        let AccessClaims { identity: Identity { session, role }, issued_at, expires_at } = claims;
        let claims = Claims {
            iss: self.origin.clone(),
            aud: self.origin.clone(),
            sub: session.customer.to_string(),
            sid: session.id.to_string(),
            role: *role,
            iat: issued_at.unix_timestamp(),
            exp: expires_at.unix_timestamp(),
        };
        Ok(Zeroizing::new(jsonwebtoken::encode(&self.header, &claims, &self.signing)?))
    }

    fn verify(&self, token: &str, now: OffsetDateTime) -> Option<AccessClaims> {
        let digest = Sha256::digest(token).into();
        let remembered = self.verified.get(&digest);
        let claims = remembered.or_else(|| self.read(token))?;
        if now.unix_timestamp() >= claims.expires_at.unix_timestamp() + LEEWAY {
            return None;
        }
        if remembered.is_none() {
            self.verified.insert(digest, claims);
        }
        Some(claims)
    }
}

/// The key's name: its JWK thumbprint (RFC 7638, RFC 8037 appendix A.3).
fn thumbprint(public: &[u8]) -> String {
    let x = URL_SAFE_NO_PAD.encode(public);
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use time::Duration;

    use super::*;

    const SEED: [u8; 32] = [7; 32];
    const ORIGIN: &str = "https://shop.test";

    fn tokens() -> JwtAccessTokens {
        JwtAccessTokens::new(&Zeroizing::new(SEED), ORIGIN).unwrap()
    }

    fn now() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
    }

    fn claims() -> AccessClaims {
        let session = SessionKey { customer: CustomerId::from_bytes([1; 12]), id: SessionId::from_bytes([2; 16]) };
        let identity = Identity { session, role: Role::Admin };
        AccessClaims { identity, issued_at: now(), expires_at: now() + Duration::minutes(15) }
    }

    /// A token with our key, after `change` was made to its header and claims.
    fn altered(change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let mut header = serde_json::to_value(&tokens().header).unwrap();
        let mut body = json!({
            "iss": ORIGIN, "aud": ORIGIN, "sub": "01".repeat(12), "sid": SessionId::from_bytes([2; 16]).to_string(),
            "role": "admin", "iat": now().unix_timestamp(), "exp": now().unix_timestamp() + 900,
        });
        change(&mut header, &mut body);
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&body));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &tokens().signing, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }

    #[test]
    fn a_token_says_what_was_minted() {
        let token = tokens().mint(&claims()).unwrap();
        assert_eq!(tokens().verify(&token, now()), Some(claims()));
        assert_eq!(tokens().verify(&altered(|_, _| {}), now()), Some(claims()));
    }

    #[test]
    fn a_token_is_over_after_its_time_and_the_leeway_remembered_or_not() {
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
    fn t3_to_be_remembered_helps_no_altered_token() {
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
    fn t3_whatever_is_not_exactly_ours_is_refused() {
        type Change = fn(&mut Value, &mut Value);
        let changes: [(&str, Change); 16] = [
            ("alg none", |h, _| h["alg"] = json!("none")),
            ("alg HS256", |h, _| h["alg"] = json!("HS256")),
            ("another kid", |h, _| h["kid"] = json!("other")),
            ("a path as kid", |h, _| h["kid"] = json!("../../x")),
            ("no kid", |h, _| drop(h.as_object_mut().unwrap().remove("kid"))),
            ("another typ", |h, _| h["typ"] = json!("JWT")),
            ("no typ", |h, _| drop(h.as_object_mut().unwrap().remove("typ"))),
            ("another issuer", |_, b| b["iss"] = json!("https://evil.test")),
            ("another audience", |_, b| b["aud"] = json!("https://evil.test")),
            ("no issuer", |_, b| drop(b.as_object_mut().unwrap().remove("iss"))),
            ("no exp", |_, b| drop(b.as_object_mut().unwrap().remove("exp"))),
            ("a string exp", |_, b| b["exp"] = json!("9999999999")),
            ("a huge exp", |_, b| b["exp"] = json!(i64::MAX)),
            ("no sid", |_, b| drop(b.as_object_mut().unwrap().remove("sid"))),
            ("a sub that is no id", |_, b| b["sub"] = json!("admin")),
            ("an unknown role", |_, b| b["role"] = json!("root")),
        ];
        for (name, change) in changes {
            assert!(tokens().verify(&altered(change), now()).is_none(), "{name}");
        }
    }

    #[test]
    fn t3_another_key_and_a_missing_signature_are_refused() {
        let other = JwtAccessTokens::new(&Zeroizing::new([8; 32]), ORIGIN).unwrap();
        assert!(tokens().verify(&other.mint(&claims()).unwrap(), now()).is_none());
        let token = tokens().mint(&claims()).unwrap();
        let (message, _) = token.rsplit_once('.').unwrap();
        assert!(tokens().verify(&format!("{message}."), now()).is_none());
        assert!(tokens().verify(message, now()).is_none());
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
