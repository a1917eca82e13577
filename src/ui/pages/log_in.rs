//! `/login`

use leptos::prelude::*;

use crate::{
    domain::Field,
    ui::{
        Mailing, PageContext,
        components::{Description, IslandScripts, Layout, Page, PasswordWords, site_title},
        islands::LogInForm,
        routes,
        say::{form_words, say, sentence},
    },
};

/// What its form says beside what is wrong.
const KEYS: [&str; 4] = ["field-email", "field-password", "log-in-button", "log-in-busy"];

/// Where a customer comes back.
#[component]
pub fn LogInPage() -> impl IntoView {
    let context = PageContext::current();
    let initial = context.form.map(|form| form.sent).unwrap_or_default();
    let sign_up = routes::with_next(routes::SIGN_UP, context.next.as_ref());
    let title = say("log-in-title");
    let keys = [&KEYS[..], &PasswordWords::KEYS].concat();
    let words = form_words(&site_title(&title), &[Field::Email, Field::Password], &keys);
    view! {
        <Page title layout=Layout::Door>
            <Description />
            <LogInForm initial target=routes::after_sign_in(context.next.as_ref()).to_owned() words />
            {(context.mailing != Mailing::None)
                .then(|| view! { <p class="aside">{sentence("log-in-forgot", routes::FORGOT_PASSWORD)}</p> })}
            {context
                .requires_verified
                .then(|| view! { <p class="aside">{sentence("log-in-verify", routes::VERIFY_EMAIL)}</p> })}
            <p class="aside">{sentence("log-in-new", &sign_up)}</p>
            <IslandScripts />
        </Page>
    }
}
