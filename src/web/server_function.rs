//! Endpoints that are also Leptos server functions.

use axum::{
    body::to_bytes,
    http::{header, request::Parts},
    response::Response,
};
use leptos::{prelude::use_context, server_fn::error::SERVER_FN_ERROR_HEADER};
use leptos_axum::ResponseOptions;

use super::{
    AppState,
    edge::{Outcome, respond},
    endpoint::Endpoint,
    endpoint_server::handle,
    visit::Visit,
};
use crate::api::{ApiError, ErrorCode};

/// The maximum size of an error, in bytes. Errors of server functions have a few fields.
const MAX_ERROR: usize = 64 * 1024;

/// Handles an endpoint as the body of its server function.
///
/// # Errors
/// The errors of the endpoint.
pub async fn run<E: Endpoint>(input: E::Input) -> Result<E::Output, ApiError> {
    let (Some(state), Some(parts), Some(options)) =
        (use_context::<AppState>(), use_context::<Parts>(), use_context::<ResponseOptions>())
    else {
        tracing::error!("a server function was called outside of a request");
        return Err(ErrorCode::Internal.into());
    };
    let mut visit = Visit::of(state, parts).await;
    let result = handle::<E>(&mut visit, input).await;
    for (name, value) in &visit.answer.headers {
        if *name == header::SET_COOKIE {
            options.append_header(name.clone(), value.clone());
        } else {
            options.insert_header(name.clone(), value.clone());
        }
    }
    if let (Ok(_), Some(status)) = (&result, visit.answer.status) {
        options.set_status(status);
    }
    result
}

/// Reads the response of a server function. An error gets the status of its code.
pub(super) async fn outcome(response: Response) -> Outcome {
    if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return Outcome { response, error: None };
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
    Outcome { response: Response::from_parts(parts, body), error: Some(error) }
}

fn unreadable(error: &(dyn std::error::Error + 'static)) -> ApiError {
    tracing::error!(error, "a server function answered with an unknown error");
    ErrorCode::Internal.into()
}
