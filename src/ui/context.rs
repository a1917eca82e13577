//! What a page is given to show.

use leptos::prelude::use_context;

use super::FormState;
use crate::{api::CustomerBody, domain::LocalPath};

/// Everything a page may show beyond its own words, found before it is rendered.
#[derive(Clone, Debug, Default)]
pub struct PageContext {
    /// Who is signed in.
    pub customer: Option<CustomerBody>,
    /// Where somebody wants to go after signing in.
    pub next: Option<LocalPath>,
    /// What was typed into the page's form, and what was wrong with it, when it was sent without scripts.
    pub form: Option<FormState>,
}

impl PageContext {
    /// Whether there is nothing to show beyond the page's own words.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self { customer: None, next: None, form: None })
    }

    /// The context of the page that is being rendered.
    #[must_use]
    pub fn current() -> Self {
        use_context().unwrap_or_default()
    }
}
