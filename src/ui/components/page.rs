//! What every page has: a way past the header, the header itself, a title, a heading, a foot.

use html_escape::encode_text;
use leptos::{nonce::use_nonce, prelude::*, server_fn::ServerFn};
use leptos_meta::{Meta, Title};

use super::{AccountNav, LanguageSwitch, Section};
use crate::{
    api::LogOut,
    ui::{
        Brand, Frame, asset_path, routes,
        say::{fill, say},
    },
};

/// How a page is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Wide and plain.
    #[default]
    Open,
    /// At the start, beside an open door.
    Welcome,
    /// At the door: one thing to do, for visitors who are not signed in.
    Door,
    /// Inside: a page of the account.
    Account(Section),
}

/// A page within the site's frame. `title` names its tab, and is its heading too unless there is another. Every page is of one
/// type, for the reason that `shell` is.
#[component]
pub(crate) fn Framed(
    title: String,
    #[prop(optional, into)] heading: Option<String>,
    #[prop(optional)] layout: Layout,
    children: Children,
) -> AnyView {
    let Frame { customer, islands, .. } = Frame::current();
    let (class, nav) = match layout {
        Layout::Open => ("page open", None),
        Layout::Welcome => ("page welcome", None),
        Layout::Door => ("page door", None),
        Layout::Account(section) => ("page account", Some(section)),
    };
    view! {
        <Title text=document_title(&title) />
        <a class="skip" href="#main">{say("skip")}</a>
        <SiteHeader />
        <div class=class>
            {nav.map(|current| view! { <AccountNav current /> })}
            <main id="main" tabindex="-1">
                <h1>{heading.unwrap_or(title)}</h1>
                {children()}
            </main>
            {(layout == Layout::Welcome).then(|| view! { <div class="doorway" aria-hidden="true"></div> })}
        </div>
        <footer class="site-footer"><LanguageSwitch /></footer>
        <script type="module" src=asset_path("/page.js") nonce=use_nonce()></script>
        <script type="module" src=asset_path("/password.js") nonce=use_nonce()></script>
        {customer.map(|_| view! { <script type="module" src=asset_path("/tabs.js") nonce=use_nonce()></script> })}
        {use_context::<LeptosOptions>()
            .filter(|_| islands)
            .map(|options| view! { <HydrationScripts options islands=true /> })}
    }
    .into_any()
}

/// What the tab says: first of all that something is wrong, where it is (GOV.UK Design System, "Error summary").
///
/// `leptos_meta` 0.8 writes titles without escaping them.
fn document_title(title: &str) -> String {
    let title = site_title(title);
    encode_text(&if Frame::current().failed { fill("error-title", &[("title", title.into())]) } else { title })
        .into_owned()
}

/// What a search engine shows of a public page.
#[component]
pub(crate) fn Description() -> impl IntoView {
    view! { <Meta name="description" content=description() /> }
}

/// What this is, in a sentence.
pub(crate) fn description() -> String {
    fill("home-description", &[("shop", Brand::current().name.as_str().into())])
}

/// The title of a page, with whose it is.
pub(crate) fn site_title(title: &str) -> String {
    format!("{title} · {}", Brand::current().name)
}

/// The shop's sign, and where one can go.
#[component]
fn SiteHeader() -> impl IntoView {
    let brand = Brand::current();
    view! {
        <header class="site-header">
            <a class="brand" href=routes::HOME>
                <img src=brand.sign() alt="" width="32" height="32" />
                {brand.name.clone()}
            </a>
            <SiteNavigation />
        </header>
    }
}

/// Where one can go from here, signed in or not.
#[component]
fn SiteNavigation() -> impl IntoView {
    let Frame { customer, next, .. } = Frame::current();
    let towards = |page: &str| routes::with_next(page, next.as_ref());
    view! {
        <nav aria-label=say("nav")>
            {if customer.is_some() {
                view! {
                    <a href=routes::ACCOUNT>{say("nav-account")}</a>
                    <LogOutButton />
                }
                    .into_any()
            } else {
                view! {
                    <a href=towards(routes::LOG_IN)>{say("nav-log-in")}</a>
                    <a class="button small" href=towards(routes::SIGN_UP)>{say("nav-sign-up")}</a>
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
            <button class="link" type="submit">{say("nav-log-out")}</button>
        </form>
    }
}
