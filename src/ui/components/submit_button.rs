//! The button that sends a form.

use leptos::prelude::*;

/// Says what it does and, while the form is on its way, that it is busy. It stays focusable meanwhile. `public/page.js` sets it
/// busy in a plain form, `islands/live_form.rs` in one that lives in the browser.
#[component]
pub(crate) fn SubmitButton(label: String, busy_label: String) -> impl IntoView {
    view! { <button class="button" type="submit" data-busy=busy_label>{label}</button> }
}
