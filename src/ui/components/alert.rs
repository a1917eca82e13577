//! What a form has to say as a whole.

use leptos::prelude::*;

/// The id of the message, where the focus goes when no field is to blame.
pub(crate) const ALERT_ID: &str = "form-alert";

/// A message at the top of a form, announced when it appears.
#[component]
pub(crate) fn Alert(
    /// Empty: there is nothing to say.
    #[prop(into)]
    message: Signal<String>,
) -> impl IntoView {
    view! {
        <div id=ALERT_ID class="alert" role="alert" tabindex="-1" hidden=move || message.read().is_empty()>
            {move || message.get()}
        </div>
    }
}
