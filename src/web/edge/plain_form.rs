//! Forms without scripts: the answer to a post is a redirect, so that going back or reloading never sends it again.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use tower_sessions::Session;

use super::{Outcome, body::Fields};
use crate::{
    api::ErrorCode,
    domain::LocalPath,
    ui::{FormName, FormState, routes},
    web::{AppState, error_page, form_state},
};

/// Where the browser goes after `outcome`: on, back to the form with what was typed (never the password) and what was
/// wrong with it, or, where no form can say it, to an error page.
pub(super) async fn redirect(
    state: &AppState,
    session: Option<Session>,
    path: &str,
    fields: &Fields,
    outcome: Outcome,
) -> Response {
    let next = LocalPath::parse(fields.get("next"));
    let form = FormName::of_action(path);
    let Some(error) = &outcome.error else {
        let target = match form {
            Some(_) => routes::after_sign_in(next.as_ref()),
            None => routes::HOME,
        };
        return see_other(outcome.into_response(), target);
    };
    let can_be_mended = matches!(
        error.code,
        ErrorCode::Invalid | ErrorCode::InvalidCredentials | ErrorCode::EmailTaken | ErrorCode::TooManyAttempts
    );
    let (Some(form), Some(session), true) = (form, session, can_be_mended) else {
        return with_headers_of(outcome.response, error_page::respond(state, error.code));
    };
    let kept = FormState {
        form,
        name: fields.get("name").to_owned(),
        email: fields.get("email").to_owned(),
        error: Some(error.clone()),
    };
    if let Err(failure) = form_state::keep(&session, &kept).await {
        tracing::error!(error = &failure as &dyn std::error::Error, "what somebody typed could not be kept");
        return error_page::respond(state, ErrorCode::Unavailable);
    }
    let back = next.map_or_else(|| form.page().to_owned(), |next| routes::with_next(form.page(), &next));
    see_other(outcome.into_response(), &back)
}

/// A 303 that keeps the cookies of `response`.
fn see_other(response: Response, target: &str) -> Response {
    let mut redirect = with_headers_of(response, Response::default());
    *redirect.status_mut() = StatusCode::SEE_OTHER;
    let headers = redirect.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    match HeaderValue::from_str(target) {
        Ok(target) => headers.insert(header::LOCATION, target),
        Err(_) => headers.insert(header::LOCATION, HeaderValue::from_static(routes::HOME)),
    };
    redirect
}

/// `response` with the cookies and the `Retry-After` of `original`.
fn with_headers_of(original: Response, mut response: Response) -> Response {
    for name in [header::SET_COOKIE, header::RETRY_AFTER] {
        for value in original.headers().get_all(&name) {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    response
}
