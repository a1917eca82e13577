//! A list of items with titles.

use leptos::prelude::*;

/// A list. Set `ordered` if the order matters.
#[component]
pub(crate) fn List(#[prop(optional)] ordered: bool, children: Children) -> impl IntoView {
    // The role is explicit because Safari ignores the semantics of lists without markers.
    if ordered {
        view! { <ol class="list" role="list">{children()}</ol> }.into_any()
    } else {
        view! { <ul class="list" role="list">{children()}</ul> }.into_any()
    }
}

/// A list item with a title, details and an optional action.
#[component]
pub(crate) fn ListItem(
    title: String,
    /// A label next to the title that marks a special item. Empty for other items.
    #[prop(optional)]
    badge: String,
    #[prop(optional, into)] action: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    view! {
        <li>
            <h2>{title} {(!badge.is_empty()).then(|| view! { " "<span class="badge">{badge}</span> })}</h2>
            {children()}
            {action.run()}
        </li>
    }
}
