//! A card: one thing among several on a page.

use leptos::prelude::*;

/// A part of a page with a heading of its own. `id` is that of the heading.
#[component]
pub(crate) fn Card(#[prop(into)] id: String, title: String, children: Children) -> impl IntoView {
    let heading = id.clone();
    view! {
        <section class="card" aria-labelledby=id>
            <h2 id=heading>{title}</h2>
            {children()}
        </section>
    }
}
