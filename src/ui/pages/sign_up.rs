//! `/signup`

use leptos::prelude::*;

use crate::{
    domain::Field,
    ui::{
        PageContext,
        components::{Description, IslandScripts, Layout, Page, PasswordWords, site_title},
        islands::SignUpForm,
        routes,
        say::{form_words, say, sentence},
    },
};

/// What its form says beside what is wrong.
const KEYS: [&str; 7] = [
    "did-you-mean",
    "field-name",
    "field-email",
    "field-password",
    "sign-up-password-hint",
    "sign-up-button",
    "sign-up-busy",
];

/// Where somebody becomes a customer.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let context = PageContext::current();
    let initial = context.form.map(|form| form.sent).unwrap_or_default();
    let log_in = routes::with_next(routes::LOG_IN, context.next.as_ref());
    let next = context.next.as_ref().map(|next| next.as_str().to_owned()).unwrap_or_default();
    let target = if context.requires_verified {
        routes::with_next(routes::VERIFY_EMAIL, context.next.as_ref())
    } else {
        routes::after_sign_in(context.next.as_ref()).to_owned()
    };
    let title = say("sign-up-title");
    let keys = [&KEYS[..], &PasswordWords::KEYS].concat();
    let words = form_words(&site_title(&title), &[Field::Name, Field::Email, Field::Password], &keys);
    view! {
        <Page title layout=Layout::Door>
            <Description />
            <SignUpForm initial next target words />
            <p class="aside">{sentence("sign-up-known", &log_in)}</p>
            <IslandScripts />
        </Page>
    }
}
