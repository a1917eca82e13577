//! The error page for every failure. It needs no store, no scripts and no router.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::{Owner, RenderHtml};

use super::{AppState, headers};
use crate::{
    api::ErrorCode,
    domain::Language,
    ui::{Stylesheet, error_document},
};

/// Returns the error page for `code`, with its status.
pub(super) fn respond(state: &AppState, language: Language, code: ErrorCode) -> Response {
    let stylesheet = Stylesheet::of(&state.leptos);
    let html = Owner::new().with(|| error_document(code, language, &state.branding.brand, &stylesheet).to_html());
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Html(html)).into_response();
    // For the access log.
    response.extensions_mut().insert(code);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, headers::still_page_policy());
    if code == ErrorCode::Unavailable {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
