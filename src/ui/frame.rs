//! The data of the frame around every page: language, customer, next page.

use leptos::prelude::use_context;

use crate::{
    api::CustomerBody,
    domain::{Language, LocalPath},
};

/// The data of a page's frame.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The language of the page.
    pub language: Language,
    /// The path of the page, for forms that return to it.
    pub here: Option<LocalPath>,
    /// The logged-in customer.
    pub customer: Option<CustomerBody>,
    /// The page that follows the login.
    pub next: Option<LocalPath>,
    /// True if the page's form came back with an error.
    pub failed: bool,
    /// How the shop's mail is handled.
    pub mailing: Mailing,
    /// True if the page has islands.
    pub islands: bool,
}

impl Frame {
    /// Returns the frame of the page that is being rendered.
    #[must_use]
    pub fn current() -> Self {
        use_context().unwrap_or_default()
    }
}

/// How the shop's mail is handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mailing {
    /// The shop has no mail server, and no mail is written.
    #[default]
    None,
    /// Mail is kept for a developer to read at `/dev/mail`.
    Kept,
    Sent,
}
