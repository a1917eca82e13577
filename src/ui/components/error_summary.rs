//! What is wrong with a form, at its top (GOV.UK Design System, "Error summary").

use leptos::prelude::*;

use super::control_id;
use crate::domain::Field;

/// The id of the summary, which takes the focus when it appears.
pub(crate) const ERROR_SUMMARY_ID: &str = "error-summary";

/// What a form has to say as a whole, and a link to every field that is at fault. It is announced when it appears.
#[component]
pub(crate) fn ErrorSummary(
    title: String,
    /// Empty: nothing is wrong.
    #[prop(into)]
    message: Signal<String>,
    /// What is wrong with each field, in their order.
    #[prop(into)]
    faults: Signal<Vec<(Field, String)>>,
) -> impl IntoView {
    let link = |(field, text): (Field, String)| {
        view! { <li><a href=format!("#{}", control_id(field))>{text}</a></li> }
    };
    view! {
        <div
            id=ERROR_SUMMARY_ID
            class="error-summary"
            role="alert"
            tabindex="-1"
            // Of a page that arrives with it.
            autofocus=!message.read_untracked().is_empty()
            hidden=move || message.read().is_empty()
        >
            <p class="error-summary-title">{title}</p>
            <p>{move || message.get()}</p>
            <ul>{move || faults.get().into_iter().map(link).collect_view()}</ul>
        </div>
    }
}
