//! The shop's name and design as files for browsers: stylesheet, logo and web app manifest.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{AppState, assets::FOR_EVER};
use crate::{
    config::{BrandConfig, PAPER, Theme},
    ui::{Brand, asset_path, routes},
};

/// The shop's own files, and the brand that pages show.
pub struct Branding {
    pub(super) brand: Arc<Brand>,
    files: Vec<ShopFile>,
}

/// A file of the shop. Like the site's files, it is served below `/pkg/` under a name that contains a hash of its
/// content.
struct ShopFile {
    path: String,
    content_type: &'static str,
    bytes: Vec<u8>,
}

impl Branding {
    /// Returns the branding for a configuration; `origin` is that of `PUBLIC_URL`.
    #[must_use]
    pub fn new(config: BrandConfig, origin: &str) -> Self {
        let accent = config.accent.map(|accent| Theme::of(accent).css());
        let own = config.css.map(|css| css.text);
        let theme = (accent.is_some() || own.is_some()).then(|| accent.unwrap_or_default() + &own.unwrap_or_default());
        let theme = theme.map(|css| ShopFile::new("theme", "css", "text/css; charset=utf-8", css.into_bytes()));
        let logo = config.logo.map(|logo| {
            let extension = logo.content_type.trim_start_matches("image/").trim_end_matches("+xml");
            ShopFile::new("shop-logo", extension, logo.content_type, logo.bytes)
        });
        let path = |file: &Option<ShopFile>| file.as_ref().map(|file| file.path.clone());
        let brand = Brand {
            name: config.shop,
            logo: path(&logo),
            theme: path(&theme),
            paper: PAPER.map(|paper| paper.to_string()),
            origin: origin.to_owned(),
        };
        Self { brand: brand.into(), files: theme.into_iter().chain(logo).collect() }
    }

    /// Returns the shop's file at `path`, or `None` if it does not exist.
    pub(super) fn respond(&self, path: &str) -> Option<Response> {
        let file = self.files.iter().find(|file| file.path == path)?;
        let headers = [(header::CONTENT_TYPE, file.content_type), (header::CACHE_CONTROL, FOR_EVER)];
        Some((headers, file.bytes.clone()).into_response())
    }
}

impl ShopFile {
    fn new(stem: &str, extension: &str, content_type: &'static str, bytes: Vec<u8>) -> Self {
        let hash = Sha256::digest(&bytes)[..8].iter().fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
        Self { path: format!("/pkg/{stem}.{hash}.{extension}"), content_type, bytes }
    }
}

/// `GET /site.webmanifest`: the app on a home screen (W3C, Web Application Manifest).
pub(super) async fn manifest(State(state): State<AppState>) -> Response {
    let Brand { name, logo, paper: [paper, _], .. } = &*state.branding.brand;
    let icons = match logo {
        Some(logo) => json!([{ "src": logo, "sizes": "any" }]),
        None => json!([
            { "src": asset_path("/favicon.svg"), "sizes": "any", "type": "image/svg+xml" },
            { "src": asset_path("/icon-192.png"), "sizes": "192x192", "type": "image/png" },
            { "src": asset_path("/icon-512.png"), "sizes": "512x512", "type": "image/png" },
            { "src": asset_path("/icon-maskable.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable" },
        ]),
    };
    let manifest = json!({
        "id": "/",
        "name": name,
        "short_name": name,
        "start_url": routes::ACCOUNT,
        "display": "standalone",
        "background_color": paper,
        "theme_color": paper,
        "icons": icons,
    });
    // The manifest contains names with hashes, so it must be revalidated.
    let headers = [(header::CONTENT_TYPE, "application/manifest+json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, manifest.to_string()).into_response()
}
