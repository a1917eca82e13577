//! A suggestion for an email address that looks mistyped.

use leptos::prelude::*;

use super::EMAIL_SUGGESTION_ID;

/// Offers the address that was probably meant; `islands/suggestion.rs` fills it, and takes the address at a click. It keeps
/// no one from sending the form as it is.
#[component]
pub(crate) fn EmailSuggestion() -> impl IntoView {
    view! {
        // Always there, so that what it says is announced; the button is not to be seen while it says nothing.
        <p class="suggestion" role="status">
            <button type="button" class="link" id=EMAIL_SUGGESTION_ID></button>
        </p>
    }
}
