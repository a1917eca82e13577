//! A suggestion for an email address that looks mistyped.

use leptos::prelude::*;

use super::EMAIL_SUGGESTION_ID;

/// Suggests a corrected address. `islands/suggestion.rs` fills it in, and replaces the address on click. The form can
/// also be sent without accepting the suggestion.
#[component]
pub(crate) fn EmailSuggestion() -> impl IntoView {
    view! {
        // The element always exists, so that changes are announced. Its button is hidden while it is empty.
        <p class="suggestion" role="status">
            <button type="button" class="link" id=EMAIL_SUGGESTION_ID></button>
        </p>
    }
}
