//! A visit to a page: the request, the language, the customer, and the state of a form.

use axum::http::request::Parts;

use super::{AppState, client_address, form_state, language, problem, visit::Visit};
use crate::{
    accounts::{Error, Identity, PendingSignup},
    api::ApiError,
    domain::{Customer, Language, LocalPath},
    ui::FormState,
};

/// A request for a page.
pub struct PageVisit {
    pub(super) request: Visit,
    /// The logged-in customer, or why there is none.
    pub(super) customer: Result<SignedIn, NotSignedIn>,
    /// The language of the page.
    pub language: Language,
    /// The page that follows the login.
    pub next: Option<LocalPath>,
    /// The typed values and the error of the page's form, if it was sent without scripts.
    pub form: Option<FormState>,
}

/// A logged-in customer.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub identity: Identity,
    /// The customer's current data in the store.
    pub customer: Customer,
}

/// Why the customer is unknown.
#[derive(Clone, Debug)]
pub(super) enum NotSignedIn {
    /// There is no session.
    Anonymous,
    /// A store or another component did not answer.
    Failed(ApiError),
}

impl PageVisit {
    pub(super) async fn of(state: AppState, parts: Parts, next: Option<LocalPath>) -> Self {
        let mut request = Visit::of(state, parts).await;
        let customer = signed_in(&mut request).await;
        let of_account = customer.as_ref().ok().and_then(|signed_in| signed_in.customer.language);
        let headers = &request.parts.headers;
        // The account's language comes before the browser's, because the browser may be on another person's machine.
        let language = language::chosen(headers).or(of_account).unwrap_or_else(|| language::accepted(headers));
        Self { request, customer, language, next, form: None }
    }

    /// Takes the state of a form on this page.
    pub(super) async fn take_form(&mut self) {
        let Visit { parts, state, .. } = &self.request;
        let client = client_address::address(parts, &state.trusted_proxies);
        self.form = form_state::take(&parts.extensions, parts.uri.path(), &state.form_quota, client).await;
    }

    #[must_use]
    pub fn state(&self) -> &AppState {
        &self.request.state
    }

    /// Returns the logged-in customer, if any.
    #[must_use]
    pub fn signed_in(&self) -> Option<&SignedIn> {
        self.customer.as_ref().ok()
    }

    /// Returns the logged-in customer.
    ///
    /// # Errors
    /// `Unauthenticated` if there is none.
    pub fn require_customer(&self) -> Result<&SignedIn, Error> {
        self.signed_in().ok_or(Error::Unauthenticated)
    }

    /// Returns the pending sign-up in this browser, whose address is not verified yet.
    #[must_use]
    pub fn pending_signup(&self) -> Option<PendingSignup> {
        self.request.pending_signup()
    }

    /// Returns a decoded path parameter, or an empty string if the path does not have it.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.request.parameter(name)
    }
}

async fn signed_in(request: &mut Visit) -> Result<SignedIn, NotSignedIn> {
    let failed = |error: &Error| NotSignedIn::Failed(problem::explain(error));
    let identity = request.authenticate().await.map_err(|error| failed(&error))?.ok_or(NotSignedIn::Anonymous)?;
    match request.state.accounts.profile(identity).await {
        Ok(customer) => Ok(SignedIn { identity, customer }),
        // The customer was deleted or disabled.
        Err(Error::Unauthenticated) => {
            request.forget_session();
            Err(NotSignedIn::Anonymous)
        }
        Err(error) => Err(failed(&error)),
    }
}
