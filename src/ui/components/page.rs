//! The frame of every page: skip link, header, title, heading, footer.

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

/// The layout of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A wide page without decoration.
    #[default]
    Open,
    /// The home page, with an illustration of an open door.
    Welcome,
    /// A page with a single task, for visitors who are not logged in.
    Door,
    /// A page of the account, with its navigation.
    Account(Section),
}

/// A page in the site's frame. `title` is the title of its tab, and its heading unless `heading` is set. Its type is
/// erased for the same reason as that of `document`.
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

/// Returns the document title. If there is an error, it begins with that (GOV.UK Design System, "Error summary").
///
/// It is escaped here, because `leptos_meta` 0.8 does not escape titles.
fn document_title(title: &str) -> String {
    let title = site_title(title);
    encode_text(&if Frame::current().failed { fill("error-title", &[("title", title.into())]) } else { title })
        .into_owned()
}

/// The description of a public page in search engines.
#[component]
pub(crate) fn Description() -> impl IntoView {
    view! { <Meta name="description" content=description() /> }
}

/// Returns a description of the site in one sentence.
pub(crate) fn description() -> String {
    fill("home-description", &[("shop", Brand::current().name.as_str().into())])
}

/// Returns the title of a page with the shop's name.
pub(crate) fn site_title(title: &str) -> String {
    format!("{title} · {}", Brand::current().name)
}

/// The header: the shop's logo and the navigation.
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

/// The links of the header, for customers or for visitors.
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

/// The logout button. A plain form, even if there are scripts.
#[component]
fn LogOutButton() -> impl IntoView {
    view! {
        <form method="post" action=LogOut::PATH>
            <button class="link" type="submit">{say("nav-log-out")}</button>
        </form>
    }
}
