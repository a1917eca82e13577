//! What lies between HTTP and the server functions.
//!
//! On the way in, JSON and form bodies become one strict form, so that a server function sees plain strings and no
//! operator, list or duplicate ever gets near a store. On the way out, a function's error becomes its status, and the
//! answer to a browser's form without scripts becomes a redirect: to the next page, or back to the form.

pub mod body;
mod plain_form;
mod receive;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;

pub(super) use self::receive::{Room, receive};
use super::{AppState, client_address, error_page, form_state::FormStates, language};
use crate::{
    api::{ApiError, ErrorCode},
    domain::Language,
};

/// Errors of server functions are a few fields long.
const MAX_ERROR: usize = 64 * 1024;
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Runs a server function on a request that came from anybody. Its body has arrived ([`receive`]).
pub(super) async fn translate(
    State((state, form_states)): State<(AppState, FormStates)>,
    request: Request,
    next: Next,
) -> Response {
    // A form is answered with a page; whoever looks at the API in a browser sees the API.
    let wants_page = request.method() == Method::POST && wants_page(request.headers());
    // In the language of whoever reads it; an API client reads none.
    let page = wants_page.then(|| language::of(request.headers()));
    match answer(&state, &form_states, request, next, page).await {
        Ok(response) => response,
        Err(error) => match page {
            Some(language) => error_page::respond(&state, language, error.code),
            None => respond(&error),
        },
    }
}

/// Refuses a request before it is carried out, as a page or as the API does.
pub(super) fn refuse(state: &AppState, headers: &HeaderMap, code: ErrorCode) -> Response {
    if wants_page(headers) { error_page::respond(state, language::of(headers), code) } else { respond(&code.into()) }
}

/// Whether this is a browser showing pages, rather than a script or an API client.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|value| value.as_bytes().windows(9).any(|part| part == b"text/html"))
}

/// An error, as API clients read it.
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

async fn answer(
    state: &AppState,
    form_states: &FormStates,
    request: Request,
    next: Next,
    page: Option<Language>,
) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let fields = if parts.method == Method::POST {
        let kind = body::Kind::of(&parts.headers)?;
        let body = to_bytes(body, usize::MAX).await.map_err(|_| ErrorCode::Invalid)?;
        body::Fields::read(kind, &body)?
    } else {
        // No function that a GET reaches takes anything.
        parts.uri = parts.uri.path().parse().map_err(|_| ErrorCode::NotFound)?;
        body::Fields::default()
    };
    let session = parts.extensions.get::<tower_sessions::Session>().cloned();
    let client = client_address::address(&parts, &state.trusted_proxies);
    let path = parts.uri.path().to_owned();
    for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONTENT_ENCODING] {
        parts.headers.remove(name);
    }
    parts.headers.insert(header::CONTENT_TYPE, FORM);
    // The function answers everybody alike; who wants a page gets its redirect below.
    parts.headers.insert(header::ACCEPT, JSON);
    let response = next.run(Request::from_parts(parts, Body::from(fields.to_form()))).await;

    let outcome = Outcome::of(response).await;
    if let Some(language) = page {
        let sent = plain_form::Sent { path, session, client, language, fields };
        let code = outcome.error.as_ref().map(|error| error.code);
        let mut response = plain_form::Answerer { state, form_states, sent }.answer(outcome).await;
        // A page says itself why it is shown: another code, where the state of the form could not be stored.
        if let Some(code) = code {
            response.extensions_mut().get_or_insert(code);
        }
        Ok(response)
    } else {
        Ok(outcome.response)
    }
}

/// What a server function answered.
struct Outcome {
    response: Response,
    error: Option<ApiError>,
}

impl Outcome {
    /// Reads the answer; an error gets the status that goes with its code.
    async fn of(response: Response) -> Self {
        if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
            return Self { response, error: None };
        }
        let (mut parts, body) = response.into_parts();
        let error = match to_bytes(body, MAX_ERROR).await.map(|bytes| serde_json::from_slice::<ApiError>(&bytes)) {
            Ok(Ok(error)) => error,
            Ok(Err(error)) => unreadable(&error),
            Err(error) => unreadable(&error),
        };
        let (fresh, body) = respond(&error).into_parts();
        parts.headers.remove(SERVER_FN_ERROR_HEADER);
        parts.headers.remove(header::CONTENT_LENGTH);
        for (name, value) in &fresh.headers {
            parts.headers.entry(name).or_insert_with(|| value.clone());
        }
        parts.status = fresh.status;
        parts.extensions.extend(fresh.extensions);
        Self { response: Response::from_parts(parts, body), error: Some(error) }
    }
}

fn unreadable(error: &(dyn std::error::Error + 'static)) -> ApiError {
    tracing::error!(error, "a server function answered with an error that is none of ours");
    ErrorCode::Internal.into()
}
