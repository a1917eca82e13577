//! `/change-email`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ChangeEmail,
    ui::{
        Link, PageContext,
        components::{CodeField, Outcome, Page, SubmitButton},
        routes,
    },
};

/// Where the link of a mail leads by which an address is changed: to a button, since programs that look for harmful mail
/// follow links; and where its code is typed.
#[component]
pub fn ChangeEmailPage() -> impl IntoView {
    let PageContext { form, link, proposed_email, .. } = PageContext::current();
    let is_new = form.is_none();
    view! {
        <Page title="Change your email address" narrow=true>
            <Outcome form=form.clone() />
            {match (link, proposed_email) {
                (Some(Link::Good(token)), _) => {
                    view! {
                        <p class="lead">
                            "From now on you log in with the address that we wrote to, and mail about your account goes there. "
                            "All other devices are signed out."
                        </p>
                        <form method="post" action=ChangeEmail::PATH>
                            <input type="hidden" name="token" value=token />
                            <SubmitButton label="Use this address" busy_label="Changing your address…" busy=false />
                        </form>
                    }
                        .into_any()
                }
                (Some(Link::Expired), _) => {
                    view! { <p class="lead">"This link was used already, was replaced, or its time is over."</p> }.into_any()
                }
                (None, Some(email)) => {
                    view! {
                        <p class="lead">"We wrote to " <strong>{email}</strong> ". Follow the link in that mail, or type its code here."</p>
                        <form method="post" action=ChangeEmail::PATH novalidate>
                            <CodeField form=form.clone() />
                            <SubmitButton label="Use this address" busy_label="Changing your address…" busy=false />
                        </form>
                    }
                        .into_any()
                }
                (None, None) if is_new => view! { <p class="lead">"Follow the link in our mail."</p> }.into_any(),
                (None, None) => ().into_any(),
            }}
            <p class="aside"><a href=routes::EMAIL>"Your email address"</a></p>
        </Page>
    }
}
