//! What came of a plain form that stays on its page.

use leptos::prelude::*;

use super::Alert;
use crate::ui::{FormState, words};

/// Says that it was done, or why not; nothing when no form was sent.
#[component]
pub(crate) fn Outcome(form: Option<FormState>) -> impl IntoView {
    form.map(|form| match form.sent.error {
        Some(error) => view! { <Alert message=words::problem(&error) /> }.into_any(),
        None => view! { <p class="notice" role="status">{words::done(form.form)}</p> }.into_any(),
    })
}
