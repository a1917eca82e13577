//! `/login`

use leptos::prelude::*;

use crate::ui::{
    Mailing, PageContext,
    components::{IslandScripts, Page},
    islands::LogInForm,
    routes,
};

/// Where a customer comes back.
#[component]
pub fn LogInPage() -> impl IntoView {
    let context = PageContext::current();
    let initial = context.form.map(|form| form.sent).unwrap_or_default();
    let sign_up = routes::with_next(routes::SIGN_UP, context.next.as_ref());
    view! {
        <Page title="Log in" narrow=true>
            <LogInForm initial target=routes::after_sign_in(context.next.as_ref()).to_owned() />
            {(context.mailing != Mailing::None).then(|| view! { <p class="aside"><a href=routes::FORGOT_PASSWORD>"Forgot your password?"</a></p> })}
            {context
                .requires_verified
                .then(|| view! { <p class="aside">"Just signed up? " <a href=routes::VERIFY_EMAIL>"Verify your email address first"</a></p> })}
            <p class="aside">"New here? " <a href=sign_up>"Create an account"</a></p>
            <IslandScripts />
        </Page>
    }
}
