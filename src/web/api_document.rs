//! `GET /openapi.json`: the API's `OpenAPI` 3.1 document, for tools.

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

/// Returns the document. It contains nothing that the source code does not show, so it is always served.
pub(super) async fn published(headers: HeaderMap) -> Response {
    DOCUMENT.respond(&headers)
}

/// Returns the document as JSON, or `None` if the embedded document is invalid, which a test rules out.
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
