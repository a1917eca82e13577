//! A list of things of one kind, each with a title.

use leptos::prelude::*;

/// The list, in an order that means nothing; or with `ordered`, in one that does.
#[component]
pub(crate) fn List(#[prop(optional)] ordered: bool, children: Children) -> impl IntoView {
    // Said again, since without marks Safari takes a list for none.
    if ordered {
        view! { <ol class="list" role="list">{children()}</ol> }.into_any()
    } else {
        view! { <ul class="list" role="list">{children()}</ul> }.into_any()
    }
}

/// An item: its title, details, and an optional action.
#[component]
pub(crate) fn ListItem(
    title: String,
    /// Said beside the title, of one that differs from the others; empty, of one that does not.
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
