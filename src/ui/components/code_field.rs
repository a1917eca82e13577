//! The field for the six digits of a mail.

use leptos::prelude::*;

use super::TextField;
use crate::{
    domain::Field,
    ui::{
        FormState,
        say::{fault, say},
    },
};

/// Where the code of a mail is typed; what was wrong with the last one is told by the `form` that was sent.
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
