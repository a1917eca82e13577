//! What stands around every page: its language, who is signed in, where to go next.

use leptos::prelude::use_context;

use crate::{
    api::CustomerBody,
    domain::{Language, LocalPath},
};

/// What the frame of a page shows, whatever the page is.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// In which the page is written.
    pub language: Language,
    /// Where the page is, for a form that leads back to it.
    pub here: Option<LocalPath>,
    /// The customer who is signed in.
    pub customer: Option<CustomerBody>,
    /// Where a visitor wants to go after signing in.
    pub next: Option<LocalPath>,
    /// True if the page's form came back with an error.
    pub failed: bool,
    /// What happens to the shop's mail.
    pub mailing: Mailing,
    /// True if forms of the page come alive in the browser.
    pub islands: bool,
}

impl Frame {
    /// Returns the frame of the page that is being rendered.
    #[must_use]
    pub fn current() -> Self {
        use_context().unwrap_or_default()
    }
}

/// What happens to the shop's mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mailing {
    /// The shop has no mail server, and nothing is written.
    #[default]
    None,
    /// It is kept for a developer to read at `/dev/mail`.
    Kept,
    Sent,
}
