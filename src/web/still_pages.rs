//! Pages that show nothing of their visitor: rendered once, and from then on sent as they are with a fresh nonce.
//!
//! The login and the sign-up, as most people first see them, depend on nothing but the nonce of their scripts.
//! Rendering takes ten times as long as sending, and whoever floods a shop floods these pages first.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{AppState, headers};
use crate::ui::PageContext;

/// Larger than any page of ours.
const MAX_PAGE: usize = 1 << 20;

/// The pages rendered so far, by path: as many as there are routes.
#[derive(Clone, Default)]
pub(super) struct StillPages(Arc<RwLock<HashMap<String, Arc<StillPage>>>>);

/// A page, cut where its nonce stands.
struct StillPage(Vec<String>);

/// Sends the page as it was rendered before, where it would come out the same.
pub(super) async fn reuse(
    State((state, pages)): State<(AppState, StillPages)>,
    request: Request,
    next: Next,
) -> Response {
    let shows_nobody = request.extensions().get::<PageContext>().is_some_and(PageContext::is_empty);
    if !shows_nobody || request.method() != Method::GET || request.uri().query().is_some() {
        return next.run(request).await;
    }
    let path = request.uri().path().to_owned();
    if let Some(page) = pages.get(&path) {
        return page.respond(&state);
    }
    let (parts, body) = next.run(request).await.into_parts();
    let nonce = parts.headers.get(header::CONTENT_SECURITY_POLICY).and_then(headers::nonce_of).map(str::to_owned);
    let Ok(html) = to_bytes(body, MAX_PAGE).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    if let (StatusCode::OK, Some(nonce), Ok(text)) = (parts.status, nonce, str::from_utf8(&html)) {
        pages.keep(path, StillPage(text.split(&nonce).map(str::to_owned).collect()));
    }
    Response::from_parts(parts, Body::from(html))
}

impl StillPages {
    fn get(&self, path: &str) -> Option<Arc<StillPage>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    fn keep(&self, path: String, page: StillPage) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(path, Arc::new(page));
    }
}

impl StillPage {
    fn respond(&self, state: &AppState) -> Response {
        let mut nonce = [0; 16];
        state.accounts.randomness.fill(&mut nonce);
        let nonce = URL_SAFE_NO_PAD.encode(nonce);
        let mut response = Html(self.0.join(&nonce)).into_response();
        if let Ok(policy) = HeaderValue::try_from(headers::page_policy(&nonce, false)) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}
