//! The errors of a form, shown above it (GOV.UK Design System, "Error summary").

use leptos::prelude::*;

use super::{ERROR_SUMMARY_ID, control_id};
use crate::domain::Field;

/// A message about the whole form, and a link to every field with an error. Screen readers announce it when it appears.
/// In an island, `islands/live_form.rs` fills it.
#[component]
pub(crate) fn ErrorSummary(
    title: String,
    /// Empty if there is no error.
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
            // If the page is loaded with an error.
            autofocus=!is_empty
            hidden=is_empty
        >
            <p class="error-summary-title">{title}</p>
            <p class="error-summary-message">{message}</p>
            <ul>{faults.into_iter().map(link).collect_view()}</ul>
        </div>
    }
}
