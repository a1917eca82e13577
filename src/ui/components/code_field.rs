//! The field for the six-digit code of a mail.

use leptos::prelude::*;

use super::TextField;
use crate::{
    domain::Field,
    ui::{
        FormState,
        say::{fault, say},
    },
};

/// The field for the code of a mail, with its error from the submitted `form`.
#[component]
pub(crate) fn CodeField(form: Option<FormState>) -> impl IntoView {
    let error = form.and_then(|form| form.sent.error?.fields.get(Field::Code));
    view! {
        <TextField
            field=Field::Code
            label=say("field-code")
            hint=say("field-code-hint")
            autocomplete="one-time-code"
            value=""
            error=error.map(|error| fault(Field::Code, error)).unwrap_or_default()
        />
    }
}
