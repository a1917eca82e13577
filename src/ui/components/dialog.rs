//! A dialog that asks for confirmation.

use leptos::prelude::*;

use crate::ui::say::say;

/// A native dialog with a question, and the button `yes` that posts to `action`. `public/page.js` opens it instead of
/// sending a form whose `data-confirm` is its `id`. Without scripts, that form is sent directly.
#[component]
pub(crate) fn ConfirmDialog(
    id: &'static str,
    title: String,
    lead: String,
    action: &'static str,
    yes: String,
    /// The label of the `yes` button during the request.
    busy: String,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <dialog class="dialog" id=id aria-labelledby=labelled_by>
            <h2 id=title_id>{title}</h2>
            <p>{lead}</p>
            <div class="actions">
                <form method="post" action=action>
                    <button class="button" type="submit" data-busy=busy>{yes}</button>
                </form>
                <form method="dialog">
                    <button class="button quiet" type="submit">{say("cancel")}</button>
                </form>
            </div>
        </dialog>
    }
}
