//! A placeholder for content that is loading.

use leptos::prelude::*;

/// A placeholder for a line of text. Pages are loaded completely, so only scripts that fetch data need it.
#[component]
pub(crate) fn Skeleton() -> impl IntoView {
    view! { <p class="skeleton" aria-hidden="true"></p> }
}
