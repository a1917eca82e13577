//! A request and who sent it, as pages and endpoints see it; and what the response has to carry besides its body.

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};

use super::{AppState, client_address, cookies::Presented, language};
use crate::{
    accounts::{Authentication, BrowserCookie, Caller, Client, Error, Identity, Newcomer, NewcomerCookie, Tokens},
    domain::Language,
};

/// A request, and who sent it.
pub struct Visit {
    pub state: AppState,
    pub(super) parts: Parts,
    /// The cookies of the request, not verified yet.
    pub presented: Presented,
    /// The parameters of the path, `{id}` for instance.
    parameters: HashMap<String, String>,
    identity: Option<Identity>,
    pub(super) answer: Answer,
}

/// What a response carries besides its body.
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

    /// Returns a parameter of the path, decoded; empty if the path has none of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// Returns where the request comes from.
    #[must_use]
    pub fn client(&self) -> Client {
        client_address::client(&self.parts, &self.state.trusted_proxies)
    }

    /// Returns who sent the request, as far as its connection and its cookies tell.
    #[must_use]
    pub fn caller(&self) -> Caller {
        let browser = self.presented.browser().and_then(|cookie| self.state.accounts.browser_cookies.parse(cookie));
        Caller { client: self.client(), browser, newcomer: self.newcomer() }
    }

    /// Returns who signed up in this browser and has yet to verify their address.
    #[must_use]
    pub fn newcomer(&self) -> Option<Newcomer> {
        let accounts = &self.state.accounts;
        accounts.newcomer_cookies.parse(self.presented.newcomer()?, accounts.clock.now())
    }

    /// Finds out who is signed in; `None` if no one is. The response carries new cookies where they were due, and clears
    /// those of a session that has ended.
    ///
    /// # Errors
    /// That a store cannot answer.
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

    /// Returns who is signed in, where the page or endpoint is for customers.
    ///
    /// # Errors
    /// `Unauthenticated` if no one is.
    pub fn identity(&self) -> Result<Identity, Error> {
        self.identity.ok_or(Error::Unauthenticated)
    }

    /// Sets the cookies of a session. They replace those that were set before: of two cookies of one name, the last counts.
    pub fn set_session(&mut self, tokens: &Tokens) {
        let cookies = self.state.cookies.set(tokens);
        self.add_cookies(cookies);
    }

    /// Clears the cookies of a session.
    pub fn clear_session(&mut self) {
        let cookies = self.state.cookies.clear();
        self.add_cookies(cookies);
    }

    /// Clears the cookies of a session, and no others are set: the customer is gone.
    pub(super) fn forget_session(&mut self) {
        self.identity = None;
        self.answer.headers.remove(header::SET_COOKIE);
        self.clear_session();
    }

    /// Has the browser be known under a new id.
    pub fn set_browser(&mut self, browser: &BrowserCookie) {
        let cookie = self.state.cookies.set_browser(browser);
        self.add_cookies([cookie]);
    }

    /// Remembers in the browser who signed up in it.
    pub fn set_newcomer(&mut self, newcomer: &NewcomerCookie) {
        let cookie = self.state.cookies.set_newcomer(newcomer);
        self.add_cookies([cookie]);
    }

    /// Forgets who signed up in the browser.
    pub fn clear_newcomer(&mut self) {
        let cookie = self.state.cookies.clear_newcomer();
        self.add_cookies([cookie]);
    }

    /// Remembers in the browser which language was chosen.
    pub fn set_language(&mut self, language: Language) {
        self.add_cookies([language::cookie(language, self.state.cookies.is_secure())]);
    }

    /// Adds cookies to the response.
    fn add_cookies(&mut self, cookies: impl IntoIterator<Item = HeaderValue>) {
        for cookie in cookies {
            self.answer.headers.append(header::SET_COOKIE, cookie);
        }
    }

    /// Sets the status of a response without an error; 200 otherwise.
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
