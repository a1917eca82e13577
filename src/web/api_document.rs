//! `GET /openapi.json`: the API's document (`OpenAPI` 3.1), for tools that read it.

use std::io::Read;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;
use serde_json::Value;

use super::{AppState, edge};
use crate::api::ErrorCode;

/// `docs/openapi.json`, compressed by `build.rs`.
const COMPRESSED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));

/// Answers the document, on a developer's machine as in a shop: it tells no more than the sources do.
pub(super) async fn published(State(_): State<AppState>, headers: HeaderMap) -> Response {
    let takes_gzip = headers.get_all(header::ACCEPT_ENCODING).iter().any(|value| {
        value.to_str().is_ok_and(|value| value.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("gzip")))
    });
    let mut response = if takes_gzip {
        ([(header::CONTENT_ENCODING, "gzip")], COMPRESSED).into_response()
    } else {
        match text() {
            Some(text) => text.into_response(),
            None => return edge::respond(&ErrorCode::Internal.into()),
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// Returns the document as JSON; `None` if the program was built with one that cannot be read, which a test rules out.
#[must_use]
pub fn document() -> Option<Value> {
    serde_json::from_str(&text()?).ok()
}

fn text() -> Option<String> {
    let mut text = String::new();
    GzDecoder::new(COMPRESSED).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_in_the_program_can_be_read() {
        assert_eq!(document().unwrap()["openapi"], "3.1.0");
    }
}
