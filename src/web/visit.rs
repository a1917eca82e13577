//! A request as pages and endpoints see it, and the headers and status of its response.

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};

use super::{AppState, client_address, cookies::Presented, language};
use crate::{
    accounts::{
        Authentication, BrowserCookie, Caller, Client, Error, Identity, PendingSignup, PendingSignupCookie, Tokens,
    },
    domain::Language,
};

/// A request and its caller.
pub struct Visit {
    pub state: AppState,
    pub(super) parts: Parts,
    /// The cookies of the request, not verified yet.
    pub presented: Presented,
    /// The path parameters, such as `{id}`.
    parameters: HashMap<String, String>,
    identity: Option<Identity>,
    pub(super) answer: Answer,
}

/// The status and headers of a response.
#[derive(Default)]
pub(super) struct Answer {
    pub status: Option<StatusCode>,
    pub headers: HeaderMap,
}

impl Visit {
    pub(super) async fn of(state: AppState, mut parts: Parts) -> Self {
        let presented = state.cookies.read(&parts.headers);
        let parameters = RawPathParams::from_request_parts(&mut parts, &()).await;
        let parameters = parameters.iter().flatten().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { state, parts, presented, parameters, identity: None, answer: Answer::default() }
    }

    /// Returns a decoded path parameter, or an empty string if the path does not have it.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// Returns the client that sent the request.
    #[must_use]
    pub fn client(&self) -> Client {
        client_address::client(&self.parts, &self.state.trusted_proxies)
    }

    /// Returns the caller, as identified by the connection and the cookies.
    #[must_use]
    pub fn caller(&self) -> Caller {
        let browser = self.presented.browser().and_then(|cookie| self.state.accounts.browser_cookies.parse(cookie));
        Caller { client: self.client(), browser, pending_signup: self.pending_signup() }
    }

    /// Returns the pending sign-up in this browser, whose address is not verified yet.
    #[must_use]
    pub fn pending_signup(&self) -> Option<PendingSignup> {
        let accounts = &self.state.accounts;
        accounts.pending_signup_cookies.parse(self.presented.pending_signup()?, accounts.clock.now())
    }

    /// Returns the logged-in customer, or `None`. Adds new cookies to the response if they are due, and clears those of
    /// a session that has ended.
    ///
    /// # Errors
    /// If a store does not answer.
    pub async fn authenticate(&mut self) -> Result<Option<Identity>, Error> {
        let (access, refresh) = (self.presented.access(), self.presented.refresh());
        let known = self.state.accounts.authenticate(access, refresh, || self.caller()).await?;
        self.identity = match known {
            Authentication::SignedIn(identity) => Some(identity),
            Authentication::Renewed(identity, tokens) => {
                self.set_session(&tokens);
                Some(identity)
            }
            Authentication::Ended => {
                self.clear_session();
                None
            }
            Authentication::Anonymous => None,
        };
        Ok(self.identity)
    }

    /// Returns the logged-in customer, on a page or endpoint for customers.
    ///
    /// # Errors
    /// `Unauthenticated` if no customer is logged in.
    pub fn identity(&self) -> Result<Identity, Error> {
        self.identity.ok_or(Error::Unauthenticated)
    }

    /// Sets the cookies of a session. They replace earlier ones: of two cookies with the same name, the last counts.
    pub fn set_session(&mut self, tokens: &Tokens) {
        let cookies = self.state.cookies.set(tokens);
        self.add_cookies(cookies);
    }

    /// Clears the cookies of a session.
    pub fn clear_session(&mut self) {
        let cookies = self.state.cookies.clear();
        self.add_cookies(cookies);
    }

    /// Clears the cookies of a session, and removes all other cookies from the response: the customer no longer exists.
    pub(super) fn forget_session(&mut self) {
        self.identity = None;
        self.answer.headers.remove(header::SET_COOKIE);
        self.clear_session();
    }

    /// Sets the cookie with the browser's new id.
    pub fn set_browser(&mut self, browser: &BrowserCookie) {
        let cookie = self.state.cookies.set_browser(browser);
        self.add_cookies([cookie]);
    }

    /// Sets the cookie of a pending sign-up.
    pub fn set_pending_signup(&mut self, pending_signup: &PendingSignupCookie) {
        let cookie = self.state.cookies.set_pending_signup(pending_signup);
        self.add_cookies([cookie]);
    }

    /// Clears the cookie of a pending sign-up.
    pub fn clear_pending_signup(&mut self) {
        let cookie = self.state.cookies.clear_pending_signup();
        self.add_cookies([cookie]);
    }

    /// Sets the cookie with the chosen language.
    pub fn set_language(&mut self, language: Language) {
        self.add_cookies([language::cookie(language, self.state.cookies.is_secure())]);
    }

    /// Adds cookies to the response.
    fn add_cookies(&mut self, cookies: impl IntoIterator<Item = HeaderValue>) {
        for cookie in cookies {
            self.answer.headers.append(header::SET_COOKIE, cookie);
        }
    }

    /// Sets the status of a response without an error. The default is 200.
    pub fn set_status(&mut self, status: StatusCode) {
        self.answer.status = Some(status);
    }

    /// Sets a header of the response.
    pub fn set_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.answer.headers.insert(name, value);
    }
}

impl Answer {
    /// Adds the headers to a response.
    pub fn add_to(self, response: &mut Response) {
        for (name, value) in &self.headers {
            if *name == header::SET_COOKIE {
                response.headers_mut().append(name, value.clone());
            } else {
                response.headers_mut().insert(name, value.clone());
            }
        }
    }
}
