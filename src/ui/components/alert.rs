//! Something that a customer should know before they go on.

use leptos::prelude::*;

/// A notice that stays where it is. What went wrong with a form is an [`ErrorSummary`](super::ErrorSummary); what was done is a
/// [`Toast`](super::Toast).
#[component]
pub(crate) fn Alert(children: Children) -> impl IntoView {
    view! { <div class="alert">{children()}</div> }
}
