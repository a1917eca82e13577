//! `GET /openapi.json`: the API's document (`OpenAPI` 3.1), for tools that read it.

use std::sync::OnceLock;

use axum::{http::HeaderMap, response::Response};
use serde_json::Value;

use super::assets::File;

/// `docs/openapi.json`, compressed by `build.rs`.
static DOCUMENT: File = File {
    path: "/openapi.json",
    content_type: "application/json",
    etag: env!("DOORSTEP_API_DOCUMENT_ETAG"),
    immutable: false,
    plain: b"",
    unpacked: OnceLock::new(),
    brotli: include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.br")),
    gzip: include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz")),
};

/// Answers the document, on a developer's machine as in a shop: it tells no more than the sources do.
pub(super) async fn published(headers: HeaderMap) -> Response {
    DOCUMENT.respond(&headers)
}

/// Returns the document as JSON; `None` if the program was built with one that cannot be read, which a test rules out.
#[must_use]
pub fn document() -> Option<Value> {
    serde_json::from_slice(DOCUMENT.plain()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_in_the_program_can_be_read() {
        assert_eq!(document().unwrap()["openapi"], "3.1.0");
    }
}
