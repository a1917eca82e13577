//! `/reset-password`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ResetPassword,
    domain::Field,
    ui::{
        Link, PageContext,
        components::{Outcome, Page, PasswordField, SubmitButton},
        routes,
    },
};

/// Where the link of a mail leads: the customer chooses a new password. Looking at it uses nothing up, since programs that
/// look for harmful mail follow links. A plain form: it needs no scripts.
#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    let PageContext { form, link, .. } = PageContext::current();
    let fault = form.as_ref().and_then(|form| form.sent.error.as_ref()?.fields.get(Field::Password));
    let is_done = form.as_ref().is_some_and(|form| form.sent.error.is_none());
    view! {
        <Page title="Choose a new password" narrow=true>
            <Outcome form />
            {match link {
                Some(Link::Good(token)) => {
                    view! {
                        <form method="post" action=ResetPassword::PATH novalidate>
                            <input type="hidden" name="token" value=token />
                            <PasswordField
                                label="New password"
                                autocomplete="new-password"
                                hint="8 characters or more. All devices will be signed out."
                                error=Signal::stored(fault)
                                autofocus=true
                            />
                            <SubmitButton label="Change password" busy_label="Changing your password…" busy=false />
                        </form>
                    }
                        .into_any()
                }
                _ if is_done => {
                    view! { <p class="aside"><a href=routes::LOG_IN>"Log in"</a></p> }.into_any()
                }
                Some(Link::Expired) | None => {
                    view! {
                        <p class="aside">
                            "Follow the link in our mail, or " <a href=routes::FORGOT_PASSWORD>"ask for a new one"</a> "."
                        </p>
                    }
                        .into_any()
                }
            }}
        </Page>
    }
}
