//! The outline of what is not there yet.

use leptos::prelude::*;

/// A line that will be text. Pages wait for nothing, so that it stands only where a script fetches something.
#[component]
pub(crate) fn Skeleton() -> impl IntoView {
    view! { <p class="skeleton" aria-hidden="true"></p> }
}
