//! Forms without scripts. The response to a POST is a redirect, so that going back or reloading does not send it again.

use std::net::IpAddr;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use tower_sessions::Session;

use super::{Outcome, body::Body};
use crate::{
    api::{ApiError, ErrorCode},
    domain::{EmailAddress, Language, LocalPath, PersonName},
    ui::{FormState, SentForm, routes},
    web::{AppState, CLEAR_SITE_DATA, error_page, form_state::FormStates, redirect::see_other},
};

/// How an endpoint responds to a form that was sent without scripts.
#[derive(Clone, Copy, Debug)]
pub struct PlainForm {
    /// The page of the form, which shows errors. `None` if errors are shown on an error page.
    pub page: Option<&'static str>,
    pub on_success: OnSuccess,
    /// The errors that the form can show, in addition to those of the typed values.
    pub shows: &'static [ErrorCode],
    /// True if the typed values can be corrected with the same link, so its `token` is kept.
    pub keeps_token: bool,
}

/// The page that follows a successful form.
#[derive(Clone, Copy, Debug)]
pub enum OnSuccess {
    /// The `Location`, the form's `next`, or the account. This page if the request was only accepted (202).
    Continue {
        accepted: Option<&'static str>,
    },
    /// The form's page, which shows the text of this key.
    Stay(&'static str),
    /// The form's `next`: the page from which it was sent.
    Return,
    Home,
}

impl PlainForm {
    /// The value for an endpoint without a form.
    pub const NONE: Self = Self { page: None, on_success: OnSuccess::Home, shows: &[], keeps_token: false };

    /// Returns the behavior of a form on this page.
    #[must_use]
    pub const fn on(page: &'static str, on_success: OnSuccess) -> Self {
        Self { page: Some(page), on_success, ..Self::NONE }
    }

    /// Returns true if the form itself can show the error.
    fn can_show(&self, code: ErrorCode) -> bool {
        self.shows.contains(&code)
            || matches!(
                code,
                ErrorCode::Invalid
                    | ErrorCode::InvalidCredentials
                    | ErrorCode::EmailTaken
                    | ErrorCode::LinkExpired
                    | ErrorCode::TooManyAttempts
            )
    }
}

/// The request of a form.
pub(in crate::web) struct Sent<'a> {
    pub session: Option<Session>,
    pub client: IpAddr,
    /// The language of the response.
    pub language: Language,
    pub body: &'a Body<'a>,
}

/// Builds the response to a form.
pub(in crate::web) struct Answerer<'a> {
    pub state: &'a AppState,
    pub form_states: &'a FormStates,
    pub form: PlainForm,
    pub sent: Sent<'a>,
}

impl Answerer<'_> {
    /// Returns the redirect after `outcome`: to the next page, or back to the form with the error and the typed values
    /// (never the password). An error that no form can show gets an error page. The response always has the cookies of
    /// the outcome.
    pub(in crate::web) async fn answer(&self, Outcome { response: original, error }: Outcome) -> Response {
        let next = LocalPath::parse(self.sent.body.text("next"));
        let code = error.as_ref().map(|error| error.code);
        let response = match error {
            None => {
                let elsewhere = original.headers().get(header::LOCATION).and_then(|path| path.to_str().ok());
                self.done(original.status(), elsewhere, next).await
            }
            Some(error) => self.failed(error, next).await,
        };
        let mut response = with_headers_of(&original, response);
        // For the access log. An error page already has its own code, which can differ if the form's state was not
        // stored.
        if let Some(code) = code {
            response.extensions_mut().get_or_insert(code);
        }
        response
    }

    /// Returns the response to a successful form with this status; `elsewhere` is the target that the endpoint chose.
    async fn done(&self, status: StatusCode, elsewhere: Option<&str>, next: Option<LocalPath>) -> Response {
        match self.form.on_success {
            OnSuccess::Continue { accepted: Some(page) } if status == StatusCode::ACCEPTED => {
                see_other(&routes::with_next(page, next.as_ref()))
            }
            OnSuccess::Continue { .. } => see_other(elsewhere.unwrap_or(routes::after_sign_in(next.as_ref()))),
            OnSuccess::Stay(done) => {
                let page = self.form.page.unwrap_or(routes::HOME);
                let response = see_other(&routes::with_next(page, next.as_ref()));
                // The form was successful, so a missing message is acceptable.
                match self.keep(page, done, None).await {
                    Ok(cookie) => with_cookie(response, cookie),
                    Err(_) => response,
                }
            }
            OnSuccess::Return => see_other(next.as_ref().map_or(routes::HOME, LocalPath::as_str)),
            OnSuccess::Home => see_other(routes::HOME),
        }
    }

    /// Returns the response to a failed form.
    async fn failed(&self, error: ApiError, next: Option<LocalPath>) -> Response {
        let error_page = |code| error_page::respond(self.state, self.sent.language, code);
        let code = error.code;
        let Some(page) = self.form.page else { return error_page(code) };
        if let Some(way) = way_back(code) {
            let here = next.or_else(|| LocalPath::parse(page));
            return see_other(&routes::with_next(way, here.as_ref()));
        }
        if !self.form.can_show(code) {
            return error_page(code);
        }
        let back = if self.form.keeps_token && code != ErrorCode::LinkExpired {
            routes::with_token(page, self.sent.body.text("token"))
        } else {
            routes::with_next(page, next.as_ref())
        };
        match self.keep(page, "", Some(error)).await {
            Ok(cookie) => with_cookie(see_other(&back), cookie),
            // Without its state, the form would be empty and show no error.
            Err(NotKept::TooMany) => error_page(code),
            Err(NotKept::Unavailable) => error_page(ErrorCode::Unavailable),
        }
    }

    /// Stores the typed values and the error for the next page. Returns the cookie that refers to them.
    async fn keep(&self, page: &str, done: &str, error: Option<ApiError>) -> Result<HeaderValue, NotKept> {
        let Sent { session, client, body, .. } = &self.sent;
        let kept = FormState { page: page.to_owned(), done: done.to_owned(), sent: typed(body, error) };
        match self.form_states.keep(session.as_ref(), *client, self.state.accounts.clock.now(), kept).await {
            Ok(cookie) => cookie.ok_or(NotKept::TooMany),
            Err(failure) => {
                tracing::error!(error = &failure as &dyn std::error::Error, "the state of a form was not stored");
                Err(NotKept::Unavailable)
            }
        }
    }
}

/// Why the state of a form was not stored.
enum NotKept {
    /// The client's address has too many states that have not been shown yet.
    TooMany,
    /// The store failed.
    Unavailable,
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// Returns the values of a form that are kept: the name, cut to its maximum length, and the email address. A value that
/// could be a password is not kept.
fn typed(body: &Body<'_>, error: Option<ApiError>) -> SentForm {
    let is_password = |text: &str| ["password", "current_password"].iter().any(|field| body.text(field) == text);
    let harmless = |name: &str| Some(body.text(name)).filter(|text| !is_password(text)).unwrap_or_default();
    let is_address = |text: &&str| {
        text.len() <= EmailAddress::MAX_LENGTH && (EmailAddress::parse(text).is_ok() || is_mistyped_address(text))
    };
    SentForm {
        name: harmless("name").chars().take(PersonName::MAX_LENGTH).collect(),
        email: Some(harmless("email")).filter(is_address).unwrap_or_default().to_owned(),
        error,
    }
}

/// Returns true for a text such as `ada@home`, so that the customer can correct it instead of typing it again. A
/// password typed into the wrong field can contain an `@` too, but rarely has only letters after it.
fn is_mistyped_address(text: &str) -> bool {
    let is_domain = |text: &str| text.len() > 1 && text.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '-'));
    let is_local = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
    text.split_once('@').is_some_and(|(local, domain)| is_local(local) && is_domain(domain))
}

/// Returns the page that the customer must visit before the form can succeed.
fn way_back(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::Unauthenticated => Some(routes::LOG_IN),
        ErrorCode::ConfirmationRequired => Some(routes::CONFIRM),
        _ => None,
    }
}

/// Returns `response` with the headers of `original` that a browser needs.
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
