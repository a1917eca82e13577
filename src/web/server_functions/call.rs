//! One call of a server function: who asks, and what its answer carries.

use axum::http::{HeaderValue, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::{check, newcomer};
use crate::{
    accounts::{Authentication, Caller, Client, Error, Identity, Tokens},
    api::{ApiError, Done, ErrorCode},
    web::{AppState, client_address, cookies::Presented},
};

/// Who sends a request, as far as its connection and its cookies tell.
pub(in crate::web) fn caller(state: &AppState, parts: &Parts, presented: &Presented) -> Caller {
    let browser = presented.browser().and_then(|cookie| state.accounts.browser_cookies.parse(cookie));
    let client = client_address::client(parts, &state.trusted_proxies);
    Caller { client, browser, newcomer: newcomer(state, presented) }
}

/// One call of a server function.
pub(super) struct Call {
    pub state: AppState,
    parts: Parts,
    pub presented: Presented,
    pub response: ResponseOptions,
}

impl Call {
    pub fn current() -> Result<Self, ApiError> {
        let (Some(state), Some(parts), Some(response)) = (use_context::<AppState>(), use_context(), use_context())
        else {
            tracing::error!("a server function was called outside of a request");
            return Err(ErrorCode::Internal.into());
        };
        let parts: Parts = parts;
        let presented = state.cookies.read(&parts.headers);
        Ok(Self { state, parts, presented, response })
    }

    pub fn client(&self) -> Client {
        client_address::client(&self.parts, &self.state.trusted_proxies)
    }

    pub fn caller(&self) -> Caller {
        caller(&self.state, &self.parts, &self.presented)
    }

    /// Who is signed in; the answer carries new cookies where they were due.
    pub async fn identity(&self) -> Result<Identity, ApiError> {
        self.known_identity().await?.ok_or(ErrorCode::Unauthenticated.into())
    }

    /// Who is signed in, if anybody is.
    pub async fn known_identity(&self) -> Result<Option<Identity>, ApiError> {
        let known =
            self.state.accounts.authenticate(self.presented.access(), self.presented.refresh(), || self.caller()).await;
        match check(known)? {
            Authentication::SignedIn(identity) => Ok(Some(identity)),
            Authentication::Renewed(identity, tokens) => {
                self.set_cookies(&tokens);
                Ok(Some(identity))
            }
            Authentication::Ended => {
                self.clear_cookies();
                Ok(None)
            }
            Authentication::Anonymous => Ok(None),
        }
    }

    /// Answers with the cookies of a session that took the place of the one that asked. Whoever was renewed on the way
    /// must not end with the old ones: of two cookies of one name, the last counts.
    pub fn replace_cookies(&self, tokens: Result<Tokens, Error>) -> Result<Done, ApiError> {
        let tokens = check(tokens)?;
        self.set_cookies(&tokens);
        Ok(Done {})
    }

    pub fn set_cookies(&self, tokens: &Tokens) {
        self.append_cookies(self.state.cookies.set(tokens));
    }

    pub fn clear_cookies(&self) {
        self.append_cookies(self.state.cookies.clear());
    }

    pub fn append_cookies(&self, cookies: impl IntoIterator<Item = HeaderValue>) {
        for cookie in cookies {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
    }
}
