//! The result of a plain form that returns to its page.

use leptos::prelude::*;

use super::{ErrorSummary, Toast};
use crate::ui::{
    FormState,
    say::{say, summary},
};

/// A success message or the errors of the form. Empty if no form was sent.
#[component]
pub(crate) fn Outcome(form: Option<FormState>) -> impl IntoView {
    form.map(|form| match form.sent.error {
        Some(error) => {
            let (message, faults) = summary(Some(&error));
            view! { <ErrorSummary title=say("error-summary") message faults /> }.into_any()
        }
        None => view! { <Toast text=say(&form.done) /> }.into_any(),
    })
}
