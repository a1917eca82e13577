//! What the shop is called and how it looks, as browsers ask for it: its style, its sign, and what an installed page is.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{AppState, error_page};
use crate::{
    api::ErrorCode,
    config::{BrandConfig, Logo, PAPER, Theme},
    domain::Language,
    ui::{Brand, routes},
};

pub(super) const THEME: &str = "/theme.css";
pub(super) const LOGO: &str = "/shop-logo";

/// Asked for by a name that changes with the content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The shop's own files, and what pages say of them.
pub struct Branding {
    pub(super) brand: Arc<Brand>,
    theme: Option<String>,
    logo: Option<Logo>,
}

impl Branding {
    /// By the configuration; `origin` is that of the accounts.
    #[must_use]
    pub fn new(config: BrandConfig, origin: &str) -> Self {
        let accent = config.accent.map(|accent| Theme::of(accent).css());
        let own = config.css.map(|css| css.text);
        let theme = (accent.is_some() || own.is_some()).then(|| accent.unwrap_or_default() + &own.unwrap_or_default());
        let brand = Brand {
            name: config.shop,
            logo: config.logo.as_ref().map(|logo| versioned(LOGO, &logo.bytes)),
            theme: theme.as_ref().map(|theme| versioned(THEME, theme.as_bytes())),
            paper: PAPER.map(|paper| paper.to_string()),
            origin: origin.to_owned(),
        };
        Self { brand: brand.into(), theme, logo: config.logo }
    }
}

/// The path of a file, by which browsers notice that it is another.
fn versioned(path: &str, content: &[u8]) -> String {
    format!("{path}?v={}", URL_SAFE_NO_PAD.encode(&Sha256::digest(content)[..8]))
}

/// `GET /theme.css`: where the shop's look differs from Doorstep's own; else 404.
pub(super) async fn theme(State(state): State<AppState>) -> Response {
    let Some(theme) = state.branding.theme.clone() else { return nothing(&state) };
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, FOR_EVER)], theme).into_response()
}

/// `GET /shop-logo`: the shop's sign, if it has one of its own; else 404.
pub(super) async fn logo(State(state): State<AppState>) -> Response {
    let Some(logo) = &state.branding.logo else { return nothing(&state) };
    let headers = [(header::CONTENT_TYPE, logo.content_type), (header::CACHE_CONTROL, FOR_EVER)];
    (headers, logo.bytes.clone()).into_response()
}

/// `GET /site.webmanifest`: what the account is on a home screen (W3C, Web Application Manifest).
pub(super) async fn manifest(State(state): State<AppState>) -> Response {
    let Brand { name, logo, paper: [paper, _], .. } = &*state.branding.brand;
    let icons = match logo {
        Some(logo) => json!([{ "src": logo, "sizes": "any" }]),
        None => json!([
            { "src": "/favicon.svg", "sizes": "any", "type": "image/svg+xml" },
            { "src": "/icon-192.png", "sizes": "192x192", "type": "image/png" },
            { "src": "/icon-512.png", "sizes": "512x512", "type": "image/png" },
            { "src": "/icon-maskable.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable" },
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
    let headers =
        [(header::CONTENT_TYPE, "application/manifest+json"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, manifest.to_string()).into_response()
}

fn nothing(state: &AppState) -> Response {
    error_page::respond(state, Language::default(), ErrorCode::NotFound)
}
