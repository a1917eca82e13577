//! What a page is: its path, who may see it, what it loads and how it is shown. A page is one module in `pages/` and one
//! line in its list.

use axum::{Router, http::HeaderValue};
use leptos::prelude::AnyView;
use serde::{Serialize, de::DeserializeOwned};

use super::{AppState, access::Access, headers, page_server::PageServer, page_visit::PageVisit};
use crate::accounts::Error;

/// A page of the site.
///
/// All that it shows is loaded before it is rendered, so that rendering waits for nothing and cannot fail half-way, and
/// nothing of a page is rendered for a visitor who may not see it.
pub trait Page: 'static {
    /// Where it is, as axum writes paths: `/account`, `/staff/customers/{id}`.
    const PATH: &'static str;
    /// Who may see it. There is no default: a page without it does not compile.
    const ACCESS: Access;
    /// If it is the same for every visitor who is not signed in: rendered once for each language and query, and sent again
    /// as it is with a fresh nonce. Its data must depend on nothing else.
    const CACHED: bool = false;
    /// If it has forms that come alive in the browser.
    const ISLANDS: bool = false;
    /// The parameters of its query. Unknown ones are ignored; a duplicate or one of another type is answered with 422.
    type Query: DeserializeOwned + Serialize + Send;
    /// All that it shows beside its own texts.
    type Data: Clone + Send + Sync + 'static;

    /// Loads what it shows.
    ///
    /// # Errors
    /// Any error of a use case. `Unauthenticated` leads to the login where the page is for customers; the others are
    /// answered with an error page of their status.
    fn load(visit: &PageVisit, query: Self::Query) -> impl Future<Output = Result<Self::Data, Error>> + Send;

    /// What its content policy allows beyond what every page may do.
    fn policy(_data: &Self::Data) -> Policy {
        Policy::default()
    }

    /// Renders it, within the site's frame.
    fn view(data: Self::Data) -> AnyView;
}

/// What the content policy of a page allows beyond the common one (CSP Level 3).
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Other origins that its forms may lead to.
    pub form_action: Vec<HeaderOrigin>,
    /// Other origins that it may embed in frames.
    pub frame_src: Vec<HeaderOrigin>,
}

/// An origin as it may stand in a header: `https://shop.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderOrigin(String);

impl HeaderOrigin {
    /// Returns the origin of a URL; `None` if it has none that a policy could name, such as `data:`.
    #[must_use]
    pub fn of(url: &url::Url) -> Option<Self> {
        let origin = url.origin();
        origin.is_tuple().then(|| Self(origin.ascii_serialization()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Policy {
    /// Returns the header for a page whose scripts carry `nonce`; `None` for a nonce that no header can hold.
    pub(super) fn header(&self, nonce: &str, development: bool) -> Option<HeaderValue> {
        HeaderValue::try_from(headers::page_policy(nonce, development, self)).ok()
    }
}

/// A line of the list of pages.
#[derive(Clone, Copy)]
pub struct PageEntry {
    pub path: &'static str,
    pub access: Access,
    pub(super) mount: fn(Router<AppState>, PageServer) -> Router<AppState>,
}

/// Returns the line for a page.
#[must_use]
pub const fn page<P: Page>() -> PageEntry {
    PageEntry { path: P::PATH, access: P::ACCESS, mount: |router, server| server.mount::<P>(router) }
}
