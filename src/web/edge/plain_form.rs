//! Forms without scripts: the answer to a post is a redirect, so that going back or reloading never sends it again.

use axum::{
    http::{StatusCode, header},
    response::Response,
};
use leptos::server_fn::ServerFn;
use tower_sessions::Session;

use super::{Outcome, body::Fields};
use crate::{
    api::{ApiError, ChooseLanguage, ErrorCode},
    domain::{Language, LocalPath},
    ui::{FormName, FormState, SentForm, routes},
    web::{AppState, error_page, form_state, redirect::see_other, server_functions::CLEAR_SITE_DATA},
};

/// What came with a form.
pub(super) struct Sent {
    /// Where it was sent to.
    pub path: String,
    pub session: Option<Session>,
    /// In which it is answered.
    pub language: Language,
}

/// Where the browser goes after `outcome`: on, back to the form with what was typed (never the password) and what was
/// wrong with it, or, where no form can say it, to an error page.
pub(super) async fn answer(
    state: &AppState,
    Sent { path, session, language }: Sent,
    fields: &Fields,
    outcome: Outcome,
) -> Response {
    let next = LocalPath::parse(fields.get("next"));
    let form = FormName::of_action(&path);
    let Some(error) = outcome.error else {
        let target = match form {
            Some(FormName::SignUp) if outcome.response.status() == StatusCode::ACCEPTED => {
                routes::with_next(routes::VERIFY_EMAIL, next.as_ref())
            }
            Some(FormName::SignUp | FormName::LogIn | FormName::Confirm | FormName::VerifyEmail) => {
                let elsewhere = outcome.response.headers().get(header::LOCATION).and_then(|path| path.to_str().ok());
                elsewhere.unwrap_or(routes::after_sign_in(next.as_ref())).to_owned()
            }
            Some(
                form @ (FormName::ResendVerification
                | FormName::ProposeEmail
                | FormName::WithdrawEmail
                | FormName::ChangeEmail
                | FormName::SecureAccount
                | FormName::ForgotPassword
                | FormName::ResetPassword
                | FormName::ChangePassword
                | FormName::Devices),
            ) => {
                keep(session, form, fields, None).await;
                routes::with_next(form.page(), next.as_ref())
            }
            // Wherever it was sent from.
            None if path == ChooseLanguage::PATH => next.as_ref().map_or(routes::HOME, LocalPath::as_str).to_owned(),
            None => routes::HOME.to_owned(),
        };
        return with_headers_of(&outcome.response, see_other(&target));
    };
    if let Some(form) = form
        && let Some(way) = way_back(error.code)
    {
        let here = next.or_else(|| LocalPath::parse(form.page()));
        return with_headers_of(&outcome.response, see_other(&routes::with_next(way, here.as_ref())));
    }
    let can_be_mended = matches!(
        error.code,
        ErrorCode::Invalid
            | ErrorCode::InvalidCredentials
            | ErrorCode::EmailTaken
            | ErrorCode::LinkExpired
            | ErrorCode::TooManyAttempts
    ) || (error.code == ErrorCode::NotFound && form == Some(FormName::Devices));
    let (Some(form), true) = (form, can_be_mended) else {
        return with_headers_of(&outcome.response, error_page::respond(state, language, error.code));
    };
    let back = match (form, error.code) {
        // What was wrong can be put right with the same link.
        (FormName::ResetPassword, ErrorCode::Invalid | ErrorCode::TooManyAttempts) => {
            routes::reset_password(fields.get("token"))
        }
        _ => routes::with_next(form.page(), next.as_ref()),
    };
    if !keep(session, form, fields, Some(error)).await {
        return error_page::respond(state, language, ErrorCode::Unavailable);
    }
    with_headers_of(&outcome.response, see_other(&back))
}

/// Keeps for the next page what was typed, and what was wrong; says whether that could be done.
async fn keep(session: Option<Session>, form: FormName, fields: &Fields, error: Option<ApiError>) -> bool {
    let Some(session) = session else { return false };
    let sent = SentForm { name: fields.get("name").to_owned(), email: fields.get("email").to_owned(), error };
    let kept = FormState { form, sent };
    let kept = form_state::keep(&session, &kept).await;
    if let Err(failure) = &kept {
        tracing::error!(error = failure as &dyn std::error::Error, "what somebody typed could not be kept");
    }
    kept.is_ok()
}

/// Where somebody has to go first before the form can be carried out.
fn way_back(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::Unauthenticated => Some(routes::LOG_IN),
        ErrorCode::ConfirmationRequired => Some(routes::CONFIRM),
        _ => None,
    }
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
