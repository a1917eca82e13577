//! Where mail is, on a machine that sends none.

use leptos::prelude::*;

use crate::ui::{Mailing, PageContext, routes};

/// The way to mail that is kept in the place of being sent; nothing where mail is sent.
#[component]
pub(crate) fn KeptMailHint() -> impl IntoView {
    (PageContext::current().mailing == Mailing::Kept)
        .then(|| view! { <p class="aside"><a href=routes::DEV_MAIL>"Mail is not sent here, but shown"</a></p> })
}
