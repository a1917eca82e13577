//! Word that something was done.

use leptos::prelude::*;

use crate::ui::say::say;

/// Says what was done, over the page's foot; without scripts, which could put it away, above its content. It takes the focus
/// of the page that arrives with it, so that it is read first.
#[component]
pub(crate) fn Toast(text: String) -> impl IntoView {
    view! {
        <div class="toast" role="status" tabindex="-1" autofocus>
            <p>{text}</p>
            <button class="link" type="button" hidden data-dismiss>{say("dismiss")}</button>
        </div>
    }
}
