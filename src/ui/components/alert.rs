//! A notice for the customer.

use leptos::prelude::*;

/// A notice that stays visible. For errors of a form, use [`ErrorSummary`](super::ErrorSummary); for its success,
/// [`Toast`](super::Toast).
#[component]
pub(crate) fn Alert(children: Children) -> impl IntoView {
    view! { <div class="alert">{children()}</div> }
}
