//! `/change-email`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ChangeEmail,
    ui::{
        Link, PageContext,
        components::{CodeField, Layout, Outcome, Page, SubmitButton},
        routes,
        say::{say, sentence_of},
    },
};

/// Where the link of a mail leads by which an address is changed: to a button, since programs that look for harmful mail
/// follow links; and where its code is typed.
#[component]
pub fn ChangeEmailPage() -> impl IntoView {
    let PageContext { form, link, proposed_email, .. } = PageContext::current();
    let is_new = form.is_none();
    let button = || view! { <SubmitButton label=say("change-email-button") busy_label=say("change-email-busy") /> };
    view! {
        <Page title=say("change-email-title") layout=Layout::Door>
            <Outcome form=form.clone() />
            {match (link, proposed_email) {
                (Some(Link::Good(token)), _) => {
                    view! {
                        <p class="lead">{say("change-email-lead")}</p>
                        <form method="post" action=ChangeEmail::PATH>
                            <input type="hidden" name="token" value=token />
                            {button()}
                        </form>
                    }
                        .into_any()
                }
                (Some(Link::Expired), _) => view! { <p class="lead">{say("change-email-expired")}</p> }.into_any(),
                (None, Some(email)) => {
                    view! {
                        <p class="lead">{sentence_of("change-email-code", &[("email", email.into())], "")}</p>
                        <form method="post" action=ChangeEmail::PATH novalidate>
                            <CodeField form />
                            {button()}
                        </form>
                    }
                        .into_any()
                }
                (None, None) if is_new => view! { <p class="lead">{say("change-email-follow")}</p> }.into_any(),
                (None, None) => ().into_any(),
            }}
            <p class="aside"><a href=routes::EMAIL>{say("change-email-back")}</a></p>
        </Page>
    }
}
