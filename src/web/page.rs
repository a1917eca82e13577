//! The definition of a page: path, access, data and view. A page is one module in `pages/` and one line in its list.

use axum::{Router, http::HeaderValue};
use leptos::prelude::AnyView;
use serde::{Serialize, de::DeserializeOwned};

use super::{AppState, access::Access, headers, page_server::PageServer, page_visit::PageVisit};
use crate::accounts::Error;

/// A page of the site.
///
/// All data is loaded before rendering. So rendering never waits or fails halfway, and nothing is rendered for a
/// visitor without access.
pub trait Page: 'static {
    /// The path, in axum's syntax: `/account`, `/staff/customers/{id}`.
    const PATH: &'static str;
    /// The callers that may see the page. There is no default: a page without it does not compile.
    const ACCESS: Access;
    /// True if the page is the same for all visitors who are not logged in. It is then rendered once per language and
    /// query, and sent again with a fresh nonce. Its data must not depend on anything else.
    const CACHED: bool = false;
    /// True if the page has interactive forms (islands).
    const ISLANDS: bool = false;
    /// The parameters of the query. Unknown ones are ignored; a duplicate or one of the wrong type gets a 422.
    type Query: DeserializeOwned + Serialize + Send;
    /// The data that the page shows, apart from its own texts.
    type Data: Clone + Send + Sync + 'static;

    /// Loads the data.
    ///
    /// # Errors
    /// Any error of a use case. On a page for customers, `Unauthenticated` redirects to the login; other errors get an
    /// error page with their status.
    fn load(visit: &PageVisit, query: Self::Query) -> impl Future<Output = Result<Self::Data, Error>> + Send;

    /// Returns what the content policy allows in addition to that of every page.
    fn policy(_data: &Self::Data) -> Policy {
        Policy::default()
    }

    /// Renders the page, including the site's frame.
    fn view(data: Self::Data) -> AnyView;
}

/// The additions of a page to the common content policy (CSP Level 3).
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Other origins that forms can redirect to.
    pub form_action: Vec<HeaderOrigin>,
    /// Other origins that can be embedded in frames.
    pub frame_src: Vec<HeaderOrigin>,
}

/// An origin in the form that headers use: `https://shop.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderOrigin(String);

impl HeaderOrigin {
    /// Returns the origin of a URL, or `None` if a policy cannot name it, as with `data:`.
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
    /// Returns the header for a page whose scripts carry `nonce`, or `None` if a header cannot contain the nonce.
    pub(super) fn header(&self, nonce: &str, development: bool) -> Option<HeaderValue> {
        HeaderValue::try_from(headers::page_policy(nonce, development, self)).ok()
    }
}

/// An entry of the list of pages.
#[derive(Clone, Copy)]
pub struct PageEntry {
    pub path: &'static str,
    pub access: Access,
    pub(super) mount: fn(Router<AppState>, PageServer) -> Router<AppState>,
}

/// Returns the entry of a page.
#[must_use]
pub const fn page<P: Page>() -> PageEntry {
    PageEntry { path: P::PATH, access: P::ACCESS, mount: |router, server| server.mount::<P>(router) }
}
