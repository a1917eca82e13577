//! The document around every page, and the routes within it.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use super::pages::{
    AccountPage, ActivityPage, ChangeEmailPage, ConfirmPage, DevMailPage, DevicesPage, EmailPage, ForgotPasswordPage,
    HomePage, LogInPage, NotFoundPage, ResetPasswordPage, SecureAccountPage, SecurityPage, SignUpPage, VerifyEmailPage,
};

/// Where the style is, under whatever name this build gave it.
#[derive(Clone, Debug)]
pub struct Stylesheet(String);

impl Stylesheet {
    /// The style that belongs to the build behind `options`.
    #[must_use]
    pub fn of(options: &LeptosOptions) -> Self {
        Self(format!("/{}/{}.css", options.site_pkg_dir, options.output_name))
    }

    #[must_use]
    pub fn href(&self) -> String {
        self.0.clone()
    }
}

/// A whole document, with the page for the current path in it.
#[must_use]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let stylesheet = Stylesheet::of(&options);
    provide_context(options.clone());
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="stylesheet" href=stylesheet.href() />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <AutoReload options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Which page is shown at which path. Pages wait for nothing while they are rendered, so each is sent whole.
#[component]
fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Doorstep".to_owned() } else { format!("{title} · Doorstep") } />
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
