//! The public keys, which the shop's other services fetch.

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::harness::App;

#[tokio::test]
async fn t4_the_key_of_every_token_is_published_and_nothing_secret_of_it() {
    let app = App::new().await;
    let client = app.signed_up("ada@x.test").await;
    let answer = app.client().get("/.well-known/jwks.json").await.expect(StatusCode::OK);
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    assert!(answer.header("content-type").starts_with("application/json"));
    let published = answer.json();
    let keys = published["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    let mut names: Vec<&String> = keys[0].as_object().unwrap().keys().collect();
    names.sort_unstable();
    assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"], "no d, which would be the private key");
    let header = client.cookies["accessToken"].split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!(header["kid"], keys[0]["kid"]);
}
