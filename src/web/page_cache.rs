//! A cache of pages that are the same for every visitor. They are rendered once, and then sent with a fresh nonce.
//!
//! In the state in which most people first see them, the login and sign-up pages depend only on the nonce of their
//! scripts. Rendering takes ten times as long as sending, and floods of requests hit these pages first.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{AppState, headers};
use crate::domain::Language;

/// The maximum size of a page, in bytes. Our pages are smaller.
const MAX_PAGE: usize = 1 << 20;
/// The maximum number of cached pages. A shop links to its login from a few pages, but anyone can make up any number of
/// queries.
const MAX_PAGES: usize = 256;

/// The cached pages.
#[derive(Clone, Default)]
pub(super) struct PageCache(Arc<RwLock<HashMap<CacheKey, Arc<CachedPage>>>>);

/// Everything that a cached page depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CacheKey {
    /// The path with the known part of the query.
    pub here: String,
    pub language: Language,
}

/// A page and its policy, split at each occurrence of the nonce.
pub(super) struct CachedPage {
    html: Vec<String>,
    policy: Vec<String>,
}

impl PageCache {
    pub(super) fn get(&self, key: &CacheKey) -> Option<Arc<CachedPage>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Caches a rendered page, and returns it.
    pub(super) async fn keep(&self, key: CacheKey, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let Ok(html) = to_bytes(body, MAX_PAGE).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
        if parts.status == StatusCode::OK
            && let Some(policy) = parts.headers.get(header::CONTENT_SECURITY_POLICY)
            && let Some(page) = CachedPage::cut(&html, policy)
        {
            self.insert(key, page);
        }
        Response::from_parts(parts, Body::from(html))
    }

    /// Adds a page. If the cache is full, removes the pages with a query, because anyone can request any number of
    /// these.
    fn insert(&self, key: CacheKey, page: CachedPage) {
        let mut pages = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if pages.len() >= MAX_PAGES {
            pages.retain(|key, _| !key.here.contains('?'));
        }
        pages.insert(key, Arc::new(page));
    }
}

impl CachedPage {
    fn cut(html: &[u8], policy: &HeaderValue) -> Option<Self> {
        let nonce = headers::nonce_of(policy)?;
        let cut = |text: &str| text.split(nonce).map(str::to_owned).collect();
        Some(Self { html: cut(str::from_utf8(html).ok()?), policy: cut(policy.to_str().ok()?) })
    }

    pub(super) fn respond(&self, state: &AppState) -> Response {
        let mut nonce = [0; 16];
        state.accounts.randomness.fill(&mut nonce);
        let nonce = URL_SAFE_NO_PAD.encode(nonce);
        let mut response = Html(self.html.join(&nonce)).into_response();
        if let Ok(policy) = HeaderValue::try_from(self.policy.join(&nonce)) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(cache: &PageCache, here: String) {
        let policy = HeaderValue::from_static("script-src 'nonce-abc'");
        let page = CachedPage::cut(b"<script nonce=abc>", &policy).unwrap();
        cache.insert(CacheKey { here, language: Language::English }, page);
    }

    #[test]
    fn invented_queries_do_not_fill_the_cache_or_remove_a_page_from_it() {
        let cache = PageCache::default();
        keep(&cache, "/login".to_owned());
        for number in 0..3 * MAX_PAGES {
            keep(&cache, format!("/login?next=/{number}"));
        }
        assert!(cache.0.read().unwrap().len() <= MAX_PAGES);
        assert!(cache.get(&CacheKey { here: "/login".to_owned(), language: Language::English }).is_some());
    }
}
