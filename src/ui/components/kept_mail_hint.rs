//! Where mail is, on a machine that sends none.

use leptos::prelude::*;

use crate::ui::{Frame, Mailing, routes, say::say};

/// A link to the emails that are kept instead of being sent; nothing where they are sent.
#[component]
pub(crate) fn KeptMailHint() -> impl IntoView {
    (Frame::current().mailing == Mailing::Kept)
        .then(|| view! { <p class="aside"><a href=routes::DEV_MAIL>{say("kept-mail")}</a></p> })
}
