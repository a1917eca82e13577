//! Where mail is, on a machine that sends none.

use leptos::prelude::*;

use crate::ui::{Frame, Mailing, routes, say::say};

/// The way to mail that is kept in the place of being sent; nothing where mail is sent.
#[component]
pub(crate) fn KeptMailHint() -> impl IntoView {
    (Frame::current().mailing == Mailing::Kept)
        .then(|| view! { <p class="aside"><a href=routes::DEV_MAIL>{say("kept-mail")}</a></p> })
}
