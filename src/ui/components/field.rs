//! A form field: label, hint, control and error, linked for screen readers.

use leptos::prelude::*;

use super::{control_id, described_by, error_id, hint_id};
use crate::domain::Field;

/// The frame of any control: label, hint and error are above it, so that they are read before typing.
#[component]
pub(crate) fn FieldFrame(
    field: Field,
    label: String,
    hint: String,
    /// Empty if there is no error.
    error: String,
    children: Children,
) -> impl IntoView {
    let has_error = !error.is_empty();
    view! {
        <div class=if has_error { "field invalid" } else { "field" }>
            <label for=control_id(field)>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id(field)>{hint}</p> })}
            <p class="error" id=error_id(field) hidden=!has_error>{error}</p>
            {children()}
        </div>
    }
}

/// A text input. `value` is what was typed before.
#[component]
pub(crate) fn TextField(
    field: Field,
    label: String,
    #[prop(default = "text")] kind: &'static str,
    autocomplete: &'static str,
    #[prop(optional)] hint: String,
    #[prop(into)] value: String,
    /// Empty if there is no error.
    error: String,
) -> impl IntoView {
    let has_error = !error.is_empty();
    let has_hint = !hint.is_empty();
    view! {
        <FieldFrame field label hint error>
            <input
                id=control_id(field)
                name=control_id(field)
                type=kind
                autocomplete=autocomplete
                autocapitalize=if field == Field::Name { "words" } else { "none" }
                inputmode=(field == Field::Code).then_some("numeric")
                spellcheck="false"
                value=value
                aria-required="true"
                aria-invalid=has_error.then_some("true")
                aria-describedby=described_by(field, has_hint, has_error)
            />
        </FieldFrame>
    }
}
