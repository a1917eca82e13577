//! Tests of access tokens.

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
    assert!(tokens.verify(&forever, now() + Duration::minutes(26)).is_none(), "a key that is over verifies nothing");
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
