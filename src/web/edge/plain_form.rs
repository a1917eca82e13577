//! Forms without scripts: the answer to a post is a redirect, so that going back or reloading never sends it again.

use axum::{http::header, response::Response};
use tower_sessions::Session;

use super::{Outcome, body::Fields};
use crate::{
    api::ErrorCode,
    domain::LocalPath,
    ui::{FormName, FormState, routes},
    web::{AppState, error_page, form_state, redirect::see_other, server_functions::CLEAR_SITE_DATA},
};

/// Where the browser goes after `outcome`: on, back to the form with what was typed (never the password) and what was
/// wrong with it, or, where no form can say it, to an error page.
pub(super) async fn answer(
    state: &AppState,
    session: Option<Session>,
    path: &str,
    fields: &Fields,
    outcome: Outcome,
) -> Response {
    let next = LocalPath::parse(fields.get("next"));
    let form = FormName::of_action(path);
    let Some(error) = outcome.error else {
        let target = match form {
            Some(_) => routes::after_sign_in(next.as_ref()),
            None => routes::HOME,
        };
        return with_headers_of(&outcome.response, see_other(target));
    };
    let can_be_mended = matches!(
        error.code,
        ErrorCode::Invalid | ErrorCode::InvalidCredentials | ErrorCode::EmailTaken | ErrorCode::TooManyAttempts
    );
    let (Some(form), Some(session), true) = (form, session, can_be_mended) else {
        return with_headers_of(&outcome.response, error_page::respond(state, error.code));
    };
    let kept = FormState {
        form,
        name: fields.get("name").to_owned(),
        email: fields.get("email").to_owned(),
        error: Some(error),
    };
    if let Err(failure) = form_state::keep(&session, &kept).await {
        tracing::error!(error = &failure as &dyn std::error::Error, "what somebody typed could not be kept");
        return error_page::respond(state, ErrorCode::Unavailable);
    }
    let back = routes::with_next(form.page(), next.as_ref());
    with_headers_of(&outcome.response, see_other(&back))
}

/// `response`, with what `original` has to say to the browser besides its page.
fn with_headers_of(original: &Response, mut response: Response) -> Response {
    for cookie in original.headers().get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    for name in [header::RETRY_AFTER, CLEAR_SITE_DATA] {
        if let Some(value) = original.headers().get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}
