//! Who may reach a page or an endpoint.

/// Who may reach a page or an endpoint. There is no default: one without it does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Anyone,
    /// Visitors only: customers who are signed in are led on to their account. For pages.
    SignedOut,
    /// Customers only: visitors are led to the login and back from it, or answered with 401.
    SignedIn,
    /// Administrators of the shop only, by the role that the store holds now, not by that of a token. For others there is
    /// nothing here.
    Staff,
    /// Requests from the machine itself only. For others there is nothing here.
    Developer,
}
