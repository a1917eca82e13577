//! A field of a form: its label, its hint, the control, and what is wrong with it, tied together for every reader.

use leptos::prelude::*;

use crate::{
    domain::{Field, FieldError},
    ui::words,
};

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
    label: &'static str,
    #[prop(optional)] hint: &'static str,
    #[prop(into)] error: Signal<Option<FieldError>>,
    children: Children,
) -> impl IntoView {
    let id = control_id(field);
    let fault = move || error.get().map(|error| words::fault(field, error)).unwrap_or_default();
    view! {
        <div class="field" class:invalid=move || error.get().is_some()>
            <label for=id>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
            <p class="error" id=format!("{id}-error") hidden=move || error.get().is_none()>
                {fault}
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
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    autocomplete: &'static str,
    #[prop(optional)] hint: &'static str,
    #[prop(into)] value: String,
    #[prop(into)] error: Signal<Option<FieldError>>,
    /// Whether the page opens with the focus here.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let has_error = move || error.get().is_some();
    view! {
        <FieldFrame field label hint error>
            <input
                id=control_id(field)
                name=control_id(field)
                type=kind
                autocomplete=autocomplete
                autocapitalize=if kind == "email" { "none" } else { "words" }
                spellcheck="false"
                value=value
                autofocus=autofocus
                aria-required="true"
                aria-invalid=move || has_error().then_some("true")
                aria-describedby=move || described_by(field, !hint.is_empty(), has_error())
            />
        </FieldFrame>
    }
}
