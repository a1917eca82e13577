//! Forms without scripts: the answer to a post is a redirect, so that going back or reloading never sends it again.

use std::net::IpAddr;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use leptos::server_fn::ServerFn;
use tower_sessions::Session;

use super::{Outcome, body::Fields};
use crate::{
    api::{ApiError, ChooseLanguage, ErrorCode},
    domain::{EmailAddress, Language, LocalPath, PersonName},
    ui::{FormName, FormState, SentForm, routes},
    web::{AppState, error_page, form_state::FormStates, redirect::see_other, server_functions::CLEAR_SITE_DATA},
};

/// What came with a form.
pub(super) struct Sent {
    /// Where it was sent to.
    pub path: String,
    pub session: Option<Session>,
    pub client: IpAddr,
    /// In which it is answered.
    pub language: Language,
    pub fields: Fields,
}

/// What answers a form.
pub(super) struct Answerer<'a> {
    pub state: &'a AppState,
    pub form_states: &'a FormStates,
    pub sent: Sent,
}

impl Answerer<'_> {
    /// Where the browser goes after `outcome`: on, back to the form with what was typed (never the password) and what was
    /// wrong with it, or, where no form can say it, to an error page. Whatever becomes of it, the answer carries the
    /// cookies of the outcome.
    pub(super) async fn answer(&self, Outcome { response: original, error }: Outcome) -> Response {
        let next = LocalPath::parse(self.sent.fields.get("next"));
        let response = match error {
            None => {
                let elsewhere = original.headers().get(header::LOCATION).and_then(|path| path.to_str().ok());
                self.done(original.status(), elsewhere.map(str::to_owned), next).await
            }
            Some(error) => self.failed(error, next).await,
        };
        with_headers_of(&original, response)
    }

    /// The form was carried out, with this status; its function may lead `elsewhere`.
    async fn done(&self, status: StatusCode, elsewhere: Option<String>, next: Option<LocalPath>) -> Response {
        match FormName::of_action(&self.sent.path) {
            Some(FormName::SignUp) if status == StatusCode::ACCEPTED => {
                see_other(&routes::with_next(routes::VERIFY_EMAIL, next.as_ref()))
            }
            Some(FormName::SignUp | FormName::LogIn | FormName::Confirm | FormName::VerifyEmail) => {
                see_other(elsewhere.as_deref().unwrap_or(routes::after_sign_in(next.as_ref())))
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
                let page = see_other(&routes::with_next(form.page(), next.as_ref()));
                // It was carried out, and may go without saying.
                match self.keep(form, None).await {
                    Ok(cookie) => with_cookie(page, cookie),
                    Err(_) => page,
                }
            }
            // Wherever it was sent from.
            None if self.sent.path == ChooseLanguage::PATH => {
                see_other(next.as_ref().map_or(routes::HOME, LocalPath::as_str))
            }
            None => see_other(routes::HOME),
        }
    }

    /// The form was not carried out.
    async fn failed(&self, error: ApiError, next: Option<LocalPath>) -> Response {
        let form = FormName::of_action(&self.sent.path);
        if let Some(form) = form
            && let Some(way) = way_back(error.code)
        {
            let here = next.or_else(|| LocalPath::parse(form.page()));
            return see_other(&routes::with_next(way, here.as_ref()));
        }
        let Some(form) = form.filter(|form| can_be_mended(*form, error.code)) else {
            return error_page::respond(self.state, self.sent.language, error.code);
        };
        let back = match (form, error.code) {
            // What was wrong can be put right with the same link.
            (FormName::ResetPassword, ErrorCode::Invalid | ErrorCode::TooManyAttempts) => {
                routes::reset_password(self.sent.fields.get("token"))
            }
            _ => routes::with_next(form.page(), next.as_ref()),
        };
        let code = error.code;
        let page = |code| error_page::respond(self.state, self.sent.language, code);
        match self.keep(form, Some(error)).await {
            Ok(cookie) => with_cookie(see_other(&back), cookie),
            // The form would come back empty, without a word about what was wrong.
            Err(NotKept::TooMany) => page(code),
            Err(NotKept::Unavailable) => page(ErrorCode::Unavailable),
        }
    }

    /// Keeps for the next page what was typed, and what was wrong. Returns the cookie that leads to it.
    async fn keep(&self, form: FormName, error: Option<ApiError>) -> Result<HeaderValue, NotKept> {
        let Sent { session, client, fields, .. } = &self.sent;
        let kept = FormState { form, sent: typed(fields, error) };
        match self.form_states.keep(session.as_ref(), *client, self.state.accounts.clock.now(), kept).await {
            Ok(cookie) => cookie.ok_or(NotKept::TooMany),
            Err(failure) => {
                tracing::error!(error = &failure as &dyn std::error::Error, "the state of a form was not stored");
                Err(NotKept::Unavailable)
            }
        }
    }
}

/// Why the state of a form was not kept.
enum NotKept {
    /// The client's address has too many states that were not shown yet.
    TooMany,
    /// The store failed.
    Unavailable,
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// Returns what is kept of a form: the name as far as its longest value, and an email address. Neither is kept if it could be a
/// password.
fn typed(fields: &Fields, error: Option<ApiError>) -> SentForm {
    let is_password = |text: &str| ["password", "current_password"].iter().any(|field| fields.get(field) == text);
    let harmless = |name: &str| Some(fields.get(name)).filter(|text| !is_password(text)).unwrap_or_default();
    let is_address = |text: &&str| {
        text.len() <= EmailAddress::MAX_LENGTH && (EmailAddress::parse(text).is_ok() || is_mistyped_address(text))
    };
    SentForm {
        name: harmless("name").chars().take(PersonName::MAX_LENGTH).collect(),
        email: Some(harmless("email")).filter(is_address).unwrap_or_default().to_owned(),
        error,
    }
}

/// Returns true for a text such as `ada@home`: its customer corrects it, and does not type all of it again. A password that is
/// typed one field too early may have an `@` too, but seldom nothing but letters behind it.
fn is_mistyped_address(text: &str) -> bool {
    let is_domain = |text: &str| text.len() > 1 && text.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '-'));
    let is_local = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
    text.split_once('@').is_some_and(|(local, domain)| is_local(local) && is_domain(domain))
}

/// Returns true if the form itself can say what is wrong.
fn can_be_mended(form: FormName, code: ErrorCode) -> bool {
    match code {
        ErrorCode::Invalid
        | ErrorCode::InvalidCredentials
        | ErrorCode::EmailTaken
        | ErrorCode::LinkExpired
        | ErrorCode::TooManyAttempts => true,
        ErrorCode::NotFound => form == FormName::Devices,
        _ => false,
    }
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
