//! Points in time, in words.

use leptos::prelude::*;

use crate::ui::say::words;

/// The day of an RFC 3339 time.
#[component]
pub(crate) fn Day(at: String) -> impl IntoView {
    let words = words().day(&at);
    view! { <time datetime=at data-shown="day">{words}</time> }
}

/// Its minute: in UTC, until `public/page.js` says it in the time of the place.
#[component]
pub(crate) fn Minute(at: String) -> impl IntoView {
    let words = words().minute(&at);
    view! { <time datetime=at data-shown="minute">{words}</time> }
}
