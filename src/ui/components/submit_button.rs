//! The button that sends a form.

use leptos::prelude::*;

/// Says what it does, and while it is being done, that it is. It stays focusable meanwhile; the form sends nothing
/// twice. In a plain form, `public/page.js` does the same.
#[component]
pub(crate) fn SubmitButton(
    label: String,
    busy_label: String,
    #[prop(optional, into)] busy: Signal<bool>,
) -> impl IntoView {
    let shown = busy_label.clone();
    view! {
        <button class="button" type="submit" data-busy=busy_label aria-disabled=move || busy.get().then_some("true")>
            {move || if busy.get() { shown.clone() } else { label.clone() }}
        </button>
    }
}
