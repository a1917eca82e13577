//! A visit of a page: besides the request, its language, who is signed in, and the form that comes back.

use axum::http::request::Parts;

use super::{AppState, client_address, form_state, language, problem, visit::Visit};
use crate::{
    accounts::{Error, Identity, Newcomer},
    api::ErrorCode,
    domain::{Customer, Language, LocalPath},
    ui::FormState,
};

/// A request for a page, and who sent it.
pub struct PageVisit {
    pub(super) request: Visit,
    /// The customer, or why there is none.
    pub(super) customer: Result<SignedIn, NotSignedIn>,
    /// In which the page is written.
    pub language: Language,
    /// Where the visitor wants to go after signing in.
    pub next: Option<LocalPath>,
    /// What was typed into the page's form, and what was wrong with it, when it was sent without scripts.
    pub form: Option<FormState>,
}

/// A customer who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub identity: Identity,
    /// As the store holds them now.
    pub customer: Customer,
}

/// Why it is not known who asks.
#[derive(Clone, Copy, Debug)]
pub(super) enum NotSignedIn {
    /// There is no session.
    Anonymous,
    /// The store or another part did not answer.
    Failed(ErrorCode),
}

impl PageVisit {
    pub(super) async fn of(state: AppState, parts: Parts, next: Option<LocalPath>) -> Self {
        let mut request = Visit::of(state, parts).await;
        let customer = signed_in(&mut request).await;
        let of_account = customer.as_ref().ok().and_then(|signed_in| signed_in.customer.language);
        let headers = &request.parts.headers;
        // The account's comes before the browser's: it is the customer's own, also on a machine that is not.
        let language = language::chosen(headers).or(of_account).unwrap_or_else(|| language::accepted(headers));
        Self { request, customer, language, next, form: None }
    }

    /// Takes what was kept for a form of this page.
    pub(super) async fn take_form(&mut self) {
        let Visit { parts, state, .. } = &self.request;
        let client = client_address::address(parts, &state.trusted_proxies);
        self.form = form_state::take(&parts.extensions, parts.uri.path(), &state.form_quota, client).await;
    }

    #[must_use]
    pub fn state(&self) -> &AppState {
        &self.request.state
    }

    /// Returns the customer who is signed in, if one is.
    #[must_use]
    pub fn signed_in(&self) -> Option<&SignedIn> {
        self.customer.as_ref().ok()
    }

    /// Returns the customer who is signed in.
    ///
    /// # Errors
    /// `Unauthenticated` if there is none.
    pub fn require_customer(&self) -> Result<&SignedIn, Error> {
        self.signed_in().ok_or(Error::Unauthenticated)
    }

    /// Returns who signed up in this browser and has yet to verify their address.
    #[must_use]
    pub fn newcomer(&self) -> Option<Newcomer> {
        self.request.newcomer()
    }

    /// Returns a parameter of the path, decoded; empty if the path has none of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.request.parameter(name)
    }
}

async fn signed_in(request: &mut Visit) -> Result<SignedIn, NotSignedIn> {
    let failed = |error: &Error| NotSignedIn::Failed(problem::explain(error).code);
    let identity = request.authenticate().await.map_err(|error| failed(&error))?.ok_or(NotSignedIn::Anonymous)?;
    match request.state.accounts.profile(identity).await {
        Ok(customer) => Ok(SignedIn { identity, customer }),
        // The customer is gone or disabled.
        Err(Error::Unauthenticated) => {
            request.forget_session();
            Err(NotSignedIn::Anonymous)
        }
        Err(error) => Err(failed(&error)),
    }
}
