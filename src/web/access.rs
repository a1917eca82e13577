//! The access rules of pages and endpoints.

/// The callers that may use a page or an endpoint. There is no default: one without it does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Anyone,
    /// Visitors only: a customer who is logged in is redirected to the account. For pages.
    SignedOut,
    /// Customers only: a visitor is redirected to the login and back afterwards, or gets a 401.
    SignedIn,
    /// Administrators of the shop only, by the current role in the store, not by that in a token. Other customers get a
    /// 404.
    Staff,
    /// Requests from the same machine only. Other callers get a 404.
    Developer,
}
