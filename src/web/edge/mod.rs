//! The layer between HTTP and the endpoints.
//!
//! It reads JSON and form bodies strictly into the input of the endpoint, so that no operator, list or duplicate
//! reaches a store. It converts errors to their status, and the response to a browser's form without scripts to a
//! redirect: to the next page, or back to the form.

pub mod body;
mod cross_origin;
mod input;
mod plain_form;
mod receive;

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

pub(super) use self::{
    cross_origin::show_refusal,
    plain_form::{Answerer, Sent},
    receive::{Room, receive},
};
pub use self::{
    input::{Fields, Input, NoInput},
    plain_form::{OnSuccess, PlainForm},
};
use super::{AppState, error_page, language};
use crate::api::{ApiError, ErrorCode};

/// The result of a request.
pub(super) struct Outcome {
    pub response: Response,
    pub error: Option<ApiError>,
}

/// Returns the response for a rejected request: an error page, or JSON for API clients.
pub(super) fn refuse(state: &AppState, headers: &HeaderMap, code: ErrorCode) -> Response {
    if wants_page(headers) { error_page::respond(state, language::of(headers), code) } else { respond(&code.into()) }
}

/// Returns true for a browser that shows pages, and false for a script or an API client.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|value| value.as_bytes().windows(9).any(|part| part == b"text/html"))
}

/// Returns an error as JSON for API clients.
pub(super) fn respond(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(error)).into_response();
    let retry_after = error.retry_after.or((error.code == ErrorCode::Unavailable).then_some(1));
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    // For the access log.
    response.extensions_mut().insert(error.code);
    response
}
