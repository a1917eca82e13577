//! The field for the six digits of a mail.

use leptos::prelude::*;

use super::TextField;
use crate::{domain::Field, ui::FormState};

/// Where the code of a mail is typed; what was wrong with the last one is told by the `form` that was sent.
#[component]
pub(crate) fn CodeField(form: Option<FormState>) -> impl IntoView {
    let fault = form.and_then(|form| form.sent.error?.fields.get(Field::Code));
    view! {
        <TextField
            field=Field::Code
            label="Code"
            hint="Six digits. They are good for a day."
            autocomplete="one-time-code"
            value=""
            error=Signal::stored(fault)
            autofocus=true
        />
    }
}
