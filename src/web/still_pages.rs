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
use crate::{domain::Language, ui::PageContext};

/// Larger than any page of ours.
const MAX_PAGE: usize = 1 << 20;

/// The pages rendered so far, by path and language: as many as there are routes in each.
#[derive(Clone, Default)]
pub(super) struct StillPages(Arc<RwLock<Pages>>);

type Pages = HashMap<(String, Language), Arc<StillPage>>;

/// A page, cut where its nonce stands.
struct StillPage(Vec<String>);

/// Sends the page as it was rendered before, where it would come out the same.
pub(super) async fn reuse(
    State((state, pages)): State<(AppState, StillPages)>,
    request: Request,
    next: Next,
) -> Response {
    let context = request.extensions().get::<PageContext>().filter(|context| context.is_empty());
    let Some(language) = context.map(|context| context.language) else { return next.run(request).await };
    if request.method() != Method::GET || request.uri().query().is_some() {
        return next.run(request).await;
    }
    let page = (request.uri().path().to_owned(), language);
    if let Some(page) = pages.get(&page) {
        return page.respond(&state);
    }
    let (parts, body) = next.run(request).await.into_parts();
    let nonce = parts.headers.get(header::CONTENT_SECURITY_POLICY).and_then(headers::nonce_of).map(str::to_owned);
    let Ok(html) = to_bytes(body, MAX_PAGE).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    if let (StatusCode::OK, Some(nonce), Ok(text)) = (parts.status, nonce, str::from_utf8(&html)) {
        pages.keep(page, StillPage(text.split(&nonce).map(str::to_owned).collect()));
    }
    Response::from_parts(parts, Body::from(html))
}

impl StillPages {
    fn get(&self, page: &(String, Language)) -> Option<Arc<StillPage>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(page).cloned()
    }

    fn keep(&self, page: (String, Language), content: StillPage) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(page, Arc::new(content));
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
