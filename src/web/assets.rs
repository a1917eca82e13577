//! The site's files: scripts, WebAssembly, style, icons.
//!
//! A release embeds them. `build.rs` compresses them and adds a hash of the content to the names of those below
//! `/pkg/`, so browsers can cache these forever. Browsers must revalidate a file without a hash in its name. During
//! development, the files are read from the folder that cargo-leptos writes. This is our own code because the crates
//! that embed files compress at run time or do not support brotli, and none adds hashes to names.

use std::{collections::HashMap, io::Read, path::PathBuf, sync::OnceLock};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::{AppState, edge};
use crate::api::ErrorCode;

/// The cache policy of a file whose name contains a hash of its content.
pub(super) const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The cache policy of any other file: a browser must revalidate it.
const NO_CACHE: &str = "no-cache";

/// `GET /pkg/{file}`: a file of the site or of the shop, or an uncached 404. A page of another version never gets a
/// file of this version.
pub(super) async fn packaged(State(state): State<AppState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if let Some(file) = state.branding.respond(parts.uri.path()) {
        return file;
    }
    state.assets.respond(&parts).await.unwrap_or_else(|| edge::respond(&ErrorCode::NotFound.into()))
}

/// The output of `build.rs`: a table of [`File`]s, and the name of the browser files.
mod embedded {
    use super::File;

    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

/// A file of the site in each of its encodings.
pub(super) struct File {
    /// The path of its URL, including the hash.
    pub path: &'static str,
    pub content_type: &'static str,
    /// A strong validator, including the quotes (RFC 9110, 8.8.3).
    pub etag: &'static str,
    /// True if the name changes with the content.
    pub immutable: bool,
    /// The uncompressed content. Empty if there is a `gzip`, which is then decompressed on first use.
    pub plain: &'static [u8],
    pub unpacked: OnceLock<Vec<u8>>,
    pub brotli: &'static [u8],
    pub gzip: &'static [u8],
}

/// The site's files.
pub struct Assets(Source);

/// The source of the files.
enum Source {
    /// The program itself.
    Embedded(HashMap<&'static str, &'static File>),
    /// A folder, read on each request.
    Folder(ServeDir),
}

impl Assets {
    /// Returns the embedded files, or those in `folder` if the program was built without any.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        if embedded::FILES.is_empty() {
            return Self(Source::Folder(ServeDir::new(folder.into()).append_index_html_on_directories(false)));
        }
        Self(Source::Embedded(embedded::FILES.iter().map(|file| (file.path, file)).collect()))
    }

    /// Returns the name of the browser files, without extension.
    #[must_use]
    pub fn output_name(&self) -> &'static str {
        match &self.0 {
            Source::Embedded(_) => embedded::OUTPUT_NAME,
            Source::Folder(_) => "doorstep",
        }
    }

    /// Returns the requested file, or `None` if it does not exist.
    pub(super) async fn respond(&self, parts: &Parts) -> Option<Response> {
        match &self.0 {
            Source::Embedded(files) => files.get(parts.uri.path()).map(|file| file.respond(&parts.headers)),
            Source::Folder(folder) => {
                let mut request = Request::new(Body::empty());
                *request.uri_mut() = parts.uri.clone();
                let Ok(response) = folder.clone().oneshot(request).await;
                let mut response = response.map(Body::new);
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(NO_CACHE));
                (response.status() == StatusCode::OK).then_some(response)
            }
        }
    }
}

impl File {
    pub(super) fn respond(&'static self, request: &HeaderMap) -> Response {
        let caching = if self.immutable { FOR_EVER } else { NO_CACHE };
        let headers: [(HeaderName, &'static str); 4] = [
            (header::CONTENT_TYPE, self.content_type),
            (header::CACHE_CONTROL, caching),
            (header::ETAG, self.etag),
            (header::VARY, "accept-encoding"),
        ];
        if request.get_all(header::IF_NONE_MATCH).iter().any(|value| names(value, self.etag)) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        match Encoding::best(request) {
            Encoding::Brotli if !self.brotli.is_empty() => {
                (headers, [(header::CONTENT_ENCODING, "br")], self.brotli).into_response()
            }
            Encoding::Brotli | Encoding::Gzip if !self.gzip.is_empty() => {
                (headers, [(header::CONTENT_ENCODING, "gzip")], self.gzip).into_response()
            }
            _ => (headers, self.plain()).into_response(),
        }
    }

    /// Returns the file for a client that accepts no encoding. Such clients are rare, so this copy is not embedded.
    pub(super) fn plain(&'static self) -> &'static [u8] {
        if self.gzip.is_empty() {
            return self.plain;
        }
        self.unpacked.get_or_init(|| {
            let mut plain = Vec::new();
            if let Err(error) = GzDecoder::new(self.gzip).read_to_end(&mut plain) {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    path = self.path,
                    "a file cannot be unpacked"
                );
            }
            plain
        })
    }
}

/// Evaluates the request headers for a file, for the fuzzer.
pub(super) fn negotiate(request: &HeaderMap) -> bool {
    let is_known = request.get_all(header::IF_NONE_MATCH).iter().any(|value| names(value, "\"etag\""));
    is_known || Encoding::best(request) == Encoding::Plain
}

/// Returns true if an `If-None-Match` contains the weak `etag`. Compares without `W/` (RFC 9110, 13.1.2).
fn names(value: &HeaderValue, etag: &str) -> bool {
    let text = value.to_str().unwrap_or_default();
    text.split(',')
        .map(str::trim)
        .any(|name| name == "*" || name.trim_start_matches("W/") == etag.trim_start_matches("W/"))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

impl Encoding {
    /// Returns the smallest encoding that the client accepts (RFC 9110, 12.5.3).
    fn best(request: &HeaderMap) -> Self {
        let accepts = |encoding: &str| {
            request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
                value.split(',').any(|choice| {
                    let (name, weight) = choice.split_once(';').unwrap_or((choice, "q=1"));
                    name.trim().eq_ignore_ascii_case(encoding) && !is_zero(weight)
                })
            })
        };
        if accepts("br") {
            Self::Brotli
        } else if accepts("gzip") {
            Self::Gzip
        } else {
            Self::Plain
        }
    }
}

fn is_zero(weight: &str) -> bool {
    let weight = weight.trim().trim_start_matches("q=").trim_start_matches("Q=");
    weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "plain" in every encoding; `brotli` is not real brotli.
    static FILE: File = File {
        path: "/pkg/x.js",
        content_type: "text/javascript",
        etag: "\"abc\"",
        immutable: true,
        plain: b"",
        unpacked: OnceLock::new(),
        brotli: b"br",
        gzip: &[31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 43, 200, 73, 204, 204, 3, 0, 207, 98, 32, 25, 5, 0, 0, 0],
    };

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn a_client_gets_the_smallest_encoding_it_takes() {
        let encoding = |accept: &str| {
            let response = FILE.respond(&headers(header::ACCEPT_ENCODING, accept));
            response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(encoding("gzip, deflate, br, zstd").as_deref(), Some("br"));
        assert_eq!(encoding("gzip;q=0.5, br;q=0").as_deref(), Some("gzip"));
        assert_eq!(encoding("identity"), None);
        assert_eq!(encoding(""), None);
    }

    #[test]
    fn a_client_that_takes_no_encoding_gets_the_same_content() {
        assert_eq!(FILE.plain(), b"plain");
    }

    #[test]
    fn a_file_is_cached_permanently_and_not_sent_twice() {
        let response = FILE.respond(&HeaderMap::new());
        assert_eq!(response.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        for value in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"] {
            assert_eq!(FILE.respond(&headers(header::IF_NONE_MATCH, value)).status(), StatusCode::NOT_MODIFIED);
        }
        assert_eq!(FILE.respond(&headers(header::IF_NONE_MATCH, "\"other\"")).status(), StatusCode::OK);
    }
}
