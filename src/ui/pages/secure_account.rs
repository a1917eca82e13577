//! `/secure-account`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::SecureAccount,
    ui::{
        Link, PageContext,
        components::{KeptMailHint, Outcome, Page, SubmitButton},
        routes,
    },
};

/// Where the link of a notice leads, for whoever it was not: to a button that says what it does.
#[component]
pub fn SecureAccountPage() -> impl IntoView {
    let PageContext { form, link, .. } = PageContext::current();
    let is_new = form.is_none();
    view! {
        <Page title="Secure your account" narrow=true>
            <Outcome form />
            {match link {
                Some(Link::Good(token)) => {
                    view! {
                        <p class="lead">"Was this not you? Then somebody else may know your password. This will:"</p>
                        <ul>
                            <li>"sign out all devices, yours too,"</li>
                            <li>"void your password, and send you a link to choose a new one,"</li>
                            <li>"put back your email address, should it have been changed."</li>
                        </ul>
                        <form method="post" action=SecureAccount::PATH>
                            <input type="hidden" name="token" value=token />
                            <SubmitButton label="Secure my account" busy_label="Securing your account…" busy=false />
                        </form>
                    }
                        .into_any()
                }
                Some(Link::Expired) => {
                    view! {
                        <p class="lead">"This link was used already, or its time is over."</p>
                        <p>
                            "If you fear for your account, " <a href=routes::FORGOT_PASSWORD>"choose a new password"</a>
                            ": it signs all devices out."
                        </p>
                    }
                        .into_any()
                }
                None if is_new => view! { <p class="lead">"Follow the link in our mail."</p> }.into_any(),
                None => ().into_any(),
            }}
            <KeptMailHint />
        </Page>
    }
}
