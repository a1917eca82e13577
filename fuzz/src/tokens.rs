//! Tokens: only tokens that were signed here are accepted, and only if they have exactly the format of our own.

use std::{sync::LazyLock, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorstep::{
    accounts::{
        AccessClaims, BrowserCookies, KeyRing, LinkPurpose, LinkTokens, RefreshTokens, SigningKey, ports::AccessTokens,
    },
    adapters::access_tokens::JwtAccessTokens,
    domain::EmailAddress,
};
use ed25519_dalek::Signer;
use serde_json::{Value, json};
use time::OffsetDateTime;
use zeroize::Zeroizing;

const ORIGIN: &str = "https://shop.test";
const SEED: [u8; 32] = [7; 32];
const LIFETIME: Duration = Duration::from_mins(15);
const LEEWAY: i64 = 30;

static ACCESS: LazyLock<JwtAccessTokens> = LazyLock::new(|| {
    let key = SigningKey { number: 1, seed: Zeroizing::new(SEED), created_at: now(), signs_from: now() };
    let tokens = JwtAccessTokens::new(ORIGIN, LIFETIME);
    tokens.use_keys(&KeyRing::new(vec![key]));
    tokens
});
static REFRESH: LazyLock<RefreshTokens> = LazyLock::new(|| RefreshTokens::new(Zeroizing::new([1; 32])));
static BROWSERS: LazyLock<BrowserCookies> = LazyLock::new(|| BrowserCookies::new(Zeroizing::new([2; 32])));

static LINKS: LazyLock<LinkTokens> = LazyLock::new(|| LinkTokens::new(Zeroizing::new([3; 32])));
static TO: LazyLock<EmailAddress> = LazyLock::new(|| EmailAddress::parse("ada@x.test").unwrap());

/// Presents `input` as each kind of token. If it has two lines, a header and claims, presents it also with a valid
/// signature, which only the owner of the key could create, so that the fuzzer reaches the code behind the signature
/// check. Returns true if it was accepted as any kind.
pub fn tokens(input: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(input) else { return false };
    let signed = text.split_once('\n').map(|(header, claims)| signed(header, claims));
    let mut believed = false;
    for token in [Some(text), signed.as_deref()].into_iter().flatten() {
        if let Some(claims) = ACCESS.verify(token, now()) {
            is_ours(token, &claims);
            believed = true;
        }
    }
    if let Some(token) = REFRESH.parse(text) {
        assert_eq!(*token.expose(), text, "a refresh token has one spelling");
        believed = true;
    }
    if let Some(browser) = BROWSERS.parse(text) {
        assert_eq!(*BROWSERS.write(browser), text, "a browser's id has one spelling");
        believed = true;
    }
    if let Some(shown) = LinkTokens::parse(text)
        && LINKS.made(&shown, LinkPurpose::ResetPassword, &TO)
    {
        assert_eq!(*LINKS.write(LinkPurpose::ResetPassword, shown.customer, &TO, shown.id), text);
        believed = true;
    }
    believed
}

/// Checks that the token contains all required fields with the values that were parsed, using a parser that verifies
/// nothing.
fn is_ours(token: &str, understood: &AccessClaims) {
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("not three parts") };
    let read = |part| URL_SAFE_NO_PAD.decode(part).unwrap();
    let header: Value = serde_json::from_slice(&read(header)).unwrap();
    let says: Value = serde_json::from_slice(&read(claims)).unwrap();
    assert_eq!(read(signature).len(), 64);
    assert_eq!(header, json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": ACCESS.published(now())[0].id }));

    let session = understood.identity.session;
    assert_eq!(says["iss"], ORIGIN);
    assert_eq!(says["aud"], ORIGIN);
    assert_eq!(says["sub"], session.customer.to_string());
    assert_eq!(says["sid"], session.id.to_string());
    assert_eq!(says["role"], serde_json::to_value(understood.identity.role).unwrap());
    assert_eq!(says["iat"], understood.issued_at.unix_timestamp());
    assert_eq!(says["exp"], understood.expires_at.unix_timestamp());
    assert!(understood.expires_at.unix_timestamp() + LEEWAY > now().unix_timestamp(), "a token that is over");
}

fn signed(header: &str, claims: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = ed25519_dalek::SigningKey::from_bytes(&SEED).sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
}
