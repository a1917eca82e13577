//! Dates and times as text.

use leptos::prelude::*;

use crate::ui::say::words;

/// The day of an RFC 3339 time.
#[component]
pub(crate) fn Day(at: String) -> impl IntoView {
    let words = words().day(&at);
    view! { <time datetime=at data-shown="day">{words}</time> }
}

/// The time to the minute: in UTC, until `public/page.js` converts it to local time.
#[component]
pub(crate) fn Minute(at: String) -> impl IntoView {
    let words = words().minute(&at);
    view! { <time datetime=at data-shown="minute">{words}</time> }
}
