//! The page for a path where there is none.

use leptos::prelude::*;

use crate::ui::{components::Page, routes, say::say};

/// Says so, and shows the way back.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Page title=say("not-found-title")>
            <p class="lead">{say("not-found-lead")}</p>
            <p><a class="button" href=routes::HOME>{say("not-found-home")}</a></p>
        </Page>
    }
}
