//! The public keys with which other services of the shop verify access tokens.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::AppState;

/// The cache policy. Keys are published 10 minutes before they sign, so they can be cached for less than that.
const CACHING: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "public, max-age=300")];

/// `GET /.well-known/jwks.json`: the public keys (RFC 7517, RFC 8037).
pub(super) async fn published(State(state): State<AppState>) -> ([(HeaderName, &'static str); 1], Json<Value>) {
    let keys = state.accounts.access_tokens.published(state.accounts.clock.now());
    let keys: Vec<Value> = keys
        .into_iter()
        .map(|key| {
            let x = URL_SAFE_NO_PAD.encode(key.key);
            json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.id, "x": x })
        })
        .collect();
    (CACHING, Json(json!({ "keys": keys })))
}
