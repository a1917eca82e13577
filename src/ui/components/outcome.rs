//! What came of a plain form that comes back to its page.

use leptos::prelude::*;

use super::{ErrorSummary, Toast};
use crate::{
    domain::Field,
    ui::{
        FormState,
        say::{done, fault, problem, say},
    },
};

/// Says that it was done, or why not; nothing when no form was sent.
#[component]
pub(crate) fn Outcome(form: Option<FormState>) -> impl IntoView {
    form.map(|form| match form.sent.error {
        Some(error) => {
            let faults: Vec<(Field, String)> =
                error.fields.iter().map(|(field, error)| (field, fault(field, error))).collect();
            view! { <ErrorSummary title=say("error-summary") message=problem(&error) faults /> }.into_any()
        }
        None => view! { <Toast text=done(form.form) /> }.into_any(),
    })
}
