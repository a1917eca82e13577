//! The page for a path where there is none.

use leptos::prelude::*;

use crate::ui::{components::Page, routes};

/// Says so, and shows the way back.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Page title="Page not found">
            <p class="lead">"There is nothing at this address. It may have been mistyped, or the page has moved."</p>
            <p><a class="button" href=routes::HOME>"Go to the start"</a></p>
        </Page>
    }
}
