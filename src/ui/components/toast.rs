//! A message that an action succeeded.

use leptos::prelude::*;

use crate::ui::say::say;

/// A success message, at the bottom of the page. Without scripts it cannot be dismissed, so it is above the content. It
/// has the focus when the page is loaded, so that it is read first.
#[component]
pub(crate) fn Toast(text: String) -> impl IntoView {
    view! {
        <div class="toast" role="status" tabindex="-1" autofocus>
            <p>{text}</p>
            <button class="link" type="button" hidden data-dismiss>{say("dismiss")}</button>
        </div>
    }
}
