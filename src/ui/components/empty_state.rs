//! A placeholder for an empty list.

use leptos::prelude::*;

/// A message that there is nothing yet, with an explanation or a hint.
#[component]
pub(crate) fn EmptyState(title: String, lead: String) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            <p>{lead}</p>
        </div>
    }
}
