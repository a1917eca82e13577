//! The button that sends a form.

use leptos::prelude::*;

/// Says what it does, and while it is being done, that it is. It stays focusable meanwhile; the form sends nothing
/// twice.
#[component]
pub(crate) fn SubmitButton(
    label: &'static str,
    busy_label: &'static str,
    #[prop(into)] busy: Signal<bool>,
) -> impl IntoView {
    view! {
        <button class="button" type="submit" aria-disabled=move || busy.get().then_some("true")>
            {move || if busy.get() { busy_label } else { label }}
        </button>
    }
}
