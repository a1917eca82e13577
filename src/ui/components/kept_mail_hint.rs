//! A link to the development mailbox.

use leptos::prelude::*;

use crate::ui::{Frame, Mailing, routes, say::say};

/// A link to the mails that are kept instead of sent. Empty if mails are sent.
#[component]
pub(crate) fn KeptMailHint() -> impl IntoView {
    (Frame::current().mailing == Mailing::Kept)
        .then(|| view! { <p class="aside"><a href=routes::DEV_MAIL>{say("kept-mail")}</a></p> })
}
