//! `/reset-password`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ResetPassword,
    domain::Field,
    ui::{
        Link, PageContext,
        components::{Layout, Outcome, Page, PasswordField, PasswordWords, SubmitButton},
        routes,
        say::{fault_of, say, sentence},
    },
};

/// Where the link of a mail leads: the customer chooses a new password. Looking at it uses nothing up, since programs that
/// look for harmful mail follow links. A plain form: it needs no scripts.
#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    let PageContext { form, link, .. } = PageContext::current();
    let error = fault_of(form.as_ref(), Field::Password);
    let is_done = form.as_ref().is_some_and(|form| form.sent.error.is_none());
    view! {
        <Page title=say("reset-title") layout=Layout::Door>
            <Outcome form />
            {match link {
                Some(Link::Good(token)) => {
                    view! {
                        <form method="post" action=ResetPassword::PATH novalidate>
                            <input type="hidden" name="token" value=token />
                            <PasswordField
                                label=say("field-new-password")
                                words=PasswordWords::new(say)
                                is_new=true
                                hint=say("reset-hint")
                                error
                            />
                            <SubmitButton label=say("security-button") busy_label=say("security-busy") />
                        </form>
                    }
                        .into_any()
                }
                _ if is_done => {
                    view! { <p class="aside"><a href=routes::LOG_IN>{say("reset-log-in")}</a></p> }.into_any()
                }
                Some(Link::Expired) | None => {
                    view! { <p class="aside">{sentence("reset-follow", routes::FORGOT_PASSWORD)}</p> }.into_any()
                }
            }}
        </Page>
    }
}
