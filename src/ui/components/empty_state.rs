//! What stands where there is nothing yet.

use leptos::prelude::*;

/// Says that there is nothing, and what will be there, or what to do.
#[component]
pub(crate) fn EmptyState(title: String, lead: String) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            <p>{lead}</p>
        </div>
    }
}
