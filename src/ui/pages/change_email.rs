//! `/change-email`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ChangeEmail,
    ui::{
        ChangeStep, PageContext,
        components::{CodeField, Layout, Outcome, Page, SubmitButton},
        routes,
        say::{say, sentence_of},
    },
};

/// Where the link of a mail leads that changes an address. In the session that asked for the change it shows a button, since
/// programs that check mail open links; elsewhere it shows the code, to be typed in that session.
#[component]
pub fn ChangeEmailPage() -> impl IntoView {
    let PageContext { form, change, proposed_email, .. } = PageContext::current();
    let is_new = form.is_none();
    let button = || view! { <SubmitButton label=say("change-email-button") busy_label=say("change-email-busy") /> };
    view! {
        <Page title=say("change-email-title") layout=Layout::Door>
            <Outcome form=form.clone() />
            {match (change, proposed_email) {
                (Some(ChangeStep::Completes { token }), _) => {
                    view! {
                        <p class="lead">{say("change-email-lead")}</p>
                        <form method="post" action=ChangeEmail::PATH>
                            <input type="hidden" name="token" value=token />
                            {button()}
                        </form>
                    }
                        .into_any()
                }
                (Some(ChangeStep::Elsewhere { code }), _) => {
                    view! {
                        <p class="lead">{say("change-email-elsewhere")}</p>
                        <p class="code">{code}</p>
                        <p>{say("change-email-elsewhere-why")}</p>
                    }
                        .into_any()
                }
                (Some(ChangeStep::Expired), _) => view! { <p class="lead">{say("change-email-expired")}</p> }.into_any(),
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
