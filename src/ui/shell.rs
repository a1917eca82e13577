//! The document around every page, and the routes within it.

use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use super::{
    Brand, asset_path,
    pages::{
        AccountPage, ActivityPage, ChangeEmailPage, ConfirmPage, DesignPage, DevMailPage, DevicesPage, EmailPage,
        ForgotPasswordPage, HomePage, LogInPage, NotFoundPage, ResetPasswordPage, SecureAccountPage, SecurityPage,
        SignUpPage, VerifyEmailPage,
    },
};
use crate::domain::Language;

/// Where the style is, under whatever name this build gave it.
#[derive(Clone, Debug)]
pub struct Stylesheet(String);

impl Stylesheet {
    /// The style that belongs to the build behind `options`.
    #[must_use]
    pub fn of(options: &LeptosOptions) -> Self {
        Self(format!("/{}/{}.css", options.site_pkg_dir, options.output_name))
    }
}

/// A whole document, with the page for the current path in it. Its type names none of its elements: what is made for each type of
/// the server's would name all of them, and did so with 700 MB in each debug build.
#[must_use]
pub fn shell(options: LeptosOptions) -> AnyView {
    let stylesheet = Stylesheet::of(&options);
    provide_context(options.clone());
    let language = use_context::<Language>().unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang=language.code()>
            <head>
                <Links stylesheet />
                <AutoReload options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
    .into_any()
}

/// What the head of every document says, and what it needs: its style and font, the shop's sign and colours.
#[component]
pub(super) fn Links(stylesheet: Stylesheet) -> impl IntoView {
    let brand = Brand::current();
    let [light, dark] = brand.paper.clone();
    view! {
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {theme_color(light, "(prefers-color-scheme: light)")}
        {theme_color(dark, "(prefers-color-scheme: dark)")}
        <meta name="application-name" content=brand.name.clone() />
        <link rel="preload" href=asset_path("/young-serif.woff2") r#as="font" r#type="font/woff2" crossorigin />
        <link rel="stylesheet" href=stylesheet.0 />
        {brand.theme.clone().map(|theme| view! { <link rel="stylesheet" href=theme /> })}
        <link rel="icon" href=brand.sign() />
        <link rel="apple-touch-icon" href=asset_path("/apple-touch-icon.png") />
        <link rel="manifest" href="/site.webmanifest" />
    }
}

/// What a browser draws around the page. The macro knows no `media` of a `meta`.
fn theme_color(colour: String, media: &'static str) -> impl IntoView {
    leptos::html::meta().name("theme-color").content(colour).attr("media", media)
}

/// Which page is shown at which path. Pages wait for nothing while they are rendered, so each is sent whole.
#[component]
fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=HomePage ssr=SsrMode::Async />
                <Route path=path!("/signup") view=SignUpPage ssr=SsrMode::Async />
                <Route path=path!("/login") view=LogInPage ssr=SsrMode::Async />
                <Route path=path!("/verify-email") view=VerifyEmailPage ssr=SsrMode::Async />
                <Route path=path!("/change-email") view=ChangeEmailPage ssr=SsrMode::Async />
                <Route path=path!("/secure-account") view=SecureAccountPage ssr=SsrMode::Async />
                <Route path=path!("/forgot-password") view=ForgotPasswordPage ssr=SsrMode::Async />
                <Route path=path!("/reset-password") view=ResetPasswordPage ssr=SsrMode::Async />
                <Route path=path!("/dev/mail") view=DevMailPage ssr=SsrMode::Async />
                <Route path=path!("/dev/design") view=DesignPage ssr=SsrMode::Async />
                <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async />
                <Route path=path!("/account/activity") view=ActivityPage ssr=SsrMode::Async />
                <Route path=path!("/account/sessions") view=DevicesPage ssr=SsrMode::Async />
                <Route path=path!("/account/email") view=EmailPage ssr=SsrMode::Async />
                <Route path=path!("/account/security") view=SecurityPage ssr=SsrMode::Async />
                <Route path=path!("/account/confirm") view=ConfirmPage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
