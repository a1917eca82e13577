//! What every page has: a way past the header, the header itself, a title, a heading.

use leptos::{nonce::use_nonce, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    api::LogOut,
    ui::{PageContext, routes},
};

/// A page within the site's frame. `title` names its tab, and is its heading too unless there is another.
///
/// It is fixed words only: `leptos_meta` 0.8 writes titles without escaping them.
#[component]
pub(crate) fn Page(
    title: &'static str,
    #[prop(optional, into)] heading: Option<String>,
    /// Narrow pages hold a form.
    #[prop(optional)]
    narrow: bool,
    children: Children,
) -> impl IntoView {
    let signed_in = PageContext::current().customer.is_some();
    view! {
        <Title text=title />
        <a class="skip" href="#main">"Skip to content"</a>
        <header class="site-header">
            <a class="brand" href=routes::HOME>
                <img src="/favicon.svg" alt="" width="28" height="28" />
                "Doorstep"
            </a>
            <SiteNavigation />
        </header>
        <main id="main" class=if narrow { "page narrow" } else { "page" } tabindex="-1">
            <h1>{heading.unwrap_or_else(|| title.to_owned())}</h1>
            {children()}
        </main>
        {signed_in.then(|| view! { <script type="module" src="/tabs.js" nonce=use_nonce()></script> })}
    }
}

/// Where one can go from here, signed in or not.
#[component]
fn SiteNavigation() -> impl IntoView {
    let PageContext { customer, next, .. } = PageContext::current();
    let towards = |page: &str| routes::with_next(page, next.as_ref());
    view! {
        <nav aria-label="Account">
            {if customer.is_some() {
                view! {
                    <a href=routes::ACCOUNT>"Account"</a>
                    <LogOutButton />
                }
                    .into_any()
            } else {
                view! {
                    <a href=towards(routes::LOG_IN)>"Log in"</a>
                    <a class="button small" href=towards(routes::SIGN_UP)>"Sign up"</a>
                }
                    .into_any()
            }}
        </nav>
    }
}

/// A plain form, with scripts as without: leaving needs no more.
#[component]
fn LogOutButton() -> impl IntoView {
    view! {
        <form method="post" action=LogOut::PATH>
            <button class="link" type="submit">"Log out"</button>
        </form>
    }
}
