//! `/signup`

use leptos::prelude::*;

use crate::ui::{
    PageContext,
    components::{IslandScripts, Page},
    islands::SignUpForm,
    routes,
};

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
    view! {
        <Page title="Create your account" narrow=true>
            <SignUpForm initial next target />
            <p class="aside">"Already a customer? " <a href=log_in>"Log in"</a></p>
            <IslandScripts />
        </Page>
    }
}
