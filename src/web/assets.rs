//! The site's files: scripts, WebAssembly, style, icons.
//!
//! A release carries them inside, compressed ahead of time by `build.rs`, below `/pkg/` and under names with a hash of their
//! content, so that a browser may keep them for ever. During development they are read from the folder that cargo-leptos
//! writes. A file without a hash in its name is never used without asking whether it is still the same. Our own code, since the
//! crates that embed files either compress while serving or do not do brotli, and none renames by content.

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

/// How long a browser may keep a file whose name changes with its content.
pub(super) const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For any other file: a browser has to ask whether it is still the same.
const NO_CACHE: &str = "no-cache";

/// `GET /pkg/{file}`: a file of the site or of the shop; else 404, which no cache keeps. A page of another version gets no file of
/// this one.
pub(super) async fn packaged(State(state): State<AppState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if let Some(file) = state.branding.respond(parts.uri.path()) {
        return file;
    }
    state.assets.respond(&parts).await.unwrap_or_else(|| edge::respond(&ErrorCode::NotFound.into()))
}

/// What `build.rs` wrote: a table of [`File`]s, and the name of the browser files.
mod embedded {
    use super::File;

    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

/// A file of the site, in each of its encodings.
pub(super) struct File {
    /// The path it is served at, hash included.
    pub path: &'static str,
    pub content_type: &'static str,
    /// A strong validator, quotes included (RFC 9110, 8.8.3).
    pub etag: &'static str,
    /// Whether its name changes with its content.
    pub immutable: bool,
    /// Empty where there is a `gzip`: then it is unpacked from that, once somebody asks for it.
    pub plain: &'static [u8],
    pub unpacked: OnceLock<Vec<u8>>,
    pub brotli: &'static [u8],
    pub gzip: &'static [u8],
}

/// The site's files.
pub struct Assets(Source);

/// Where they come from.
enum Source {
    /// From within the program.
    Embedded(HashMap<&'static str, &'static File>),
    /// From a folder, as it is at the moment.
    Folder(ServeDir),
}

impl Assets {
    /// The files inside the program, or where it was built without any, those in `folder`.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        if embedded::FILES.is_empty() {
            return Self(Source::Folder(ServeDir::new(folder.into()).append_index_html_on_directories(false)));
        }
        Self(Source::Embedded(embedded::FILES.iter().map(|file| (file.path, file)).collect()))
    }

    /// What the browser files are called, without their endings.
    #[must_use]
    pub fn output_name(&self) -> &'static str {
        match &self.0 {
            Source::Embedded(_) => embedded::OUTPUT_NAME,
            Source::Folder(_) => "doorstep",
        }
    }

    /// The file that was asked for, if there is one.
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

    /// The file for a client that takes no encoding: hardly any, so that the program does not carry it twice.
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

/// Reads what a request says of the file that it wants, for the fuzzer.
pub(super) fn negotiate(request: &HeaderMap) -> bool {
    let is_known = request.get_all(header::IF_NONE_MATCH).iter().any(|value| names(value, "\"etag\""));
    is_known || Encoding::best(request) == Encoding::Plain
}

/// Whether an `If-None-Match` names `etag`, also where a proxy weakened it.
fn names(value: &HeaderValue, etag: &str) -> bool {
    let text = value.to_str().unwrap_or_default();
    text.split(',').map(str::trim).any(|name| name == "*" || name.trim_start_matches("W/") == etag)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

impl Encoding {
    /// The smallest that the client takes (RFC 9110, 12.5.3).
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

    /// "plain" in every encoding; the brotli only in name.
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
    fn a_file_is_kept_for_ever_and_not_sent_twice() {
        let response = FILE.respond(&HeaderMap::new());
        assert_eq!(response.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        for value in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"] {
            assert_eq!(FILE.respond(&headers(header::IF_NONE_MATCH, value)).status(), StatusCode::NOT_MODIFIED);
        }
        assert_eq!(FILE.respond(&headers(header::IF_NONE_MATCH, "\"other\"")).status(), StatusCode::OK);
    }
}
