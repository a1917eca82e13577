//! The password field, which can show what is typed.

use leptos::prelude::*;

use super::field::{FieldFrame, control_id, described_by};
use crate::domain::{Field, FieldError};

/// A password. The button that shows it is there once there are scripts to do so.
#[component]
pub(crate) fn PasswordField(
    #[prop(default = Field::Password)] field: Field,
    #[prop(default = "Password")] label: &'static str,
    /// `new-password` or `current-password`, for password managers.
    autocomplete: &'static str,
    #[prop(optional)] hint: &'static str,
    #[prop(into)] error: Signal<Option<FieldError>>,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let has_error = move || error.get().is_some();
    let alive = RwSignal::new(false);
    let shown = RwSignal::new(false);
    Effect::new(move || alive.set(true));
    view! {
        <FieldFrame field label hint error>
            <div class="with-button">
                <input
                    id=control_id(field)
                    name=control_id(field)
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    autofocus=autofocus
                    aria-required="true"
                    aria-invalid=move || has_error().then_some("true")
                    aria-describedby=move || described_by(field, !hint.is_empty(), has_error())
                />
                <button
                    type="button"
                    class="reveal"
                    hidden=move || !alive.get()
                    aria-controls=control_id(field)
                    aria-pressed=move || if shown.get() { "true" } else { "false" }
                    aria-label="Show password"
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    "Show"
                </button>
            </div>
        </FieldFrame>
    }
}
