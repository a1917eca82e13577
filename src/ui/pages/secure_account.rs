//! `/secure-account`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::SecureAccount,
    ui::{
        Link, PageContext,
        components::{KeptMailHint, Layout, Outcome, Page, SubmitButton},
        routes,
        say::{say, sentence},
    },
};

/// Where the link of a notice leads, for whoever it was not: to a button that says what it does.
#[component]
pub fn SecureAccountPage() -> impl IntoView {
    let PageContext { form, link, .. } = PageContext::current();
    let is_new = form.is_none();
    view! {
        <Page title=say("secure-title") layout=Layout::Door>
            <Outcome form />
            {match link {
                Some(Link::Good(token)) => {
                    view! {
                        <p class="lead">{say("secure-lead")}</p>
                        <ul>
                            <li>{say("secure-devices")}</li>
                            <li>{say("secure-password")}</li>
                            <li>{say("secure-email")}</li>
                        </ul>
                        <form method="post" action=SecureAccount::PATH>
                            <input type="hidden" name="token" value=token />
                            <SubmitButton label=say("secure-button") busy_label=say("secure-busy") />
                        </form>
                    }
                        .into_any()
                }
                Some(Link::Expired) => {
                    view! {
                        <p class="lead">{say("secure-expired")}</p>
                        <p>{sentence("secure-expired-next", routes::FORGOT_PASSWORD)}</p>
                    }
                        .into_any()
                }
                None if is_new => view! { <p class="lead">{say("secure-follow")}</p> }.into_any(),
                None => ().into_any(),
            }}
            <KeptMailHint />
        </Page>
    }
}
