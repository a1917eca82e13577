//! The submit button of a form.

use leptos::prelude::*;

/// A submit button with a label for the time of the request, during which it stays focusable. `public/page.js` switches
/// the label in a plain form, `islands/live_form.rs` in an island.
#[component]
pub(crate) fn SubmitButton(label: String, busy_label: String) -> impl IntoView {
    view! { <button class="button" type="submit" data-busy=busy_label>{label}</button> }
}
