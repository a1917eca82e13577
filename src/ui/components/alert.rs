//! What a form has to say as a whole.

use leptos::prelude::*;

/// A message at the top of a form, announced when it appears.
#[component]
pub(crate) fn Alert(
    /// Empty: there is nothing to say.
    #[prop(into)]
    message: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="alert" role="alert" hidden=move || message.read().is_empty()>
            {move || message.get()}
        </div>
    }
}
