//! The scripts of a page that has islands; other pages carry none of the WebAssembly.

use leptos::prelude::*;

/// Loads the WebAssembly, and wakes the islands.
#[component]
pub(crate) fn IslandScripts() -> impl IntoView {
    use_context::<LeptosOptions>().map(|options| view! { <HydrationScripts options islands=true /> })
}
