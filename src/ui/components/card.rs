//! A card: one of several sections of a page.

use leptos::prelude::*;

/// A section with a heading. `id` is the id of the heading.
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
