//! A field of a form: its label, its hint, the control, and what is wrong with it, tied together for every reader.

use leptos::prelude::*;

use crate::domain::Field;

/// The id of a field's control.
pub(crate) fn control_id(field: Field) -> &'static str {
    match field {
        Field::Name => "name",
        Field::Email => "email",
        Field::CurrentPassword => "current_password",
        Field::Password => "password",
        Field::Code => "code",
    }
}

/// What wraps any control: label above, hint and error between, so that both are read before typing.
#[component]
pub(crate) fn FieldFrame(
    field: Field,
    label: String,
    hint: String,
    /// Empty: nothing is wrong.
    error: Signal<String>,
    children: Children,
) -> impl IntoView {
    let id = control_id(field);
    view! {
        <div class="field" class:invalid=move || !error.read().is_empty()>
            <label for=id>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
            <p class="error" id=format!("{id}-error") hidden=move || error.read().is_empty()>
                {move || error.get()}
            </p>
            {children()}
        </div>
    }
}

/// The ids of what describes a control, for `aria-describedby`.
pub(crate) fn described_by(field: Field, has_hint: bool, has_error: bool) -> Option<String> {
    let id = control_id(field);
    match (has_hint, has_error) {
        (true, true) => Some(format!("{id}-hint {id}-error")),
        (true, false) => Some(format!("{id}-hint")),
        (false, true) => Some(format!("{id}-error")),
        (false, false) => None,
    }
}

/// A line of text. What was typed before comes back in `value`.
#[component]
pub(crate) fn TextField(
    field: Field,
    label: String,
    #[prop(default = "text")] kind: &'static str,
    autocomplete: &'static str,
    #[prop(optional)] hint: String,
    #[prop(into)] value: String,
    /// Empty: nothing is wrong.
    #[prop(into)]
    error: Signal<String>,
) -> impl IntoView {
    let has_error = move || !error.read().is_empty();
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
                aria-invalid=move || has_error().then_some("true")
                aria-describedby=move || described_by(field, has_hint, has_error())
            />
        </FieldFrame>
    }
}
