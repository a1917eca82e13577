//! What is wrong with a form, at its top (GOV.UK Design System, "Error summary").

use leptos::prelude::*;

use super::{ERROR_SUMMARY_ID, control_id};
use crate::domain::Field;

/// A message about the form as a whole, and a link to every field with an error. It is announced when it appears; in a form
/// that lives in the browser, `islands/live_form.rs` fills it.
#[component]
pub(crate) fn ErrorSummary(
    title: String,
    /// Empty: nothing is wrong.
    message: String,
    /// The error of each field, in the order of the fields.
    faults: Vec<(Field, String)>,
) -> impl IntoView {
    let link = |(field, text): (Field, String)| {
        view! { <li><a href=format!("#{}", control_id(field))>{text}</a></li> }
    };
    let is_empty = message.is_empty();
    view! {
        <div
            id=ERROR_SUMMARY_ID
            class="error-summary"
            role="alert"
            tabindex="-1"
            // Of a page that arrives with it.
            autofocus=!is_empty
            hidden=is_empty
        >
            <p class="error-summary-title">{title}</p>
            <p class="error-summary-message">{message}</p>
            <ul>{faults.into_iter().map(link).collect_view()}</ul>
        </div>
    }
}
