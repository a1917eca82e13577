//! `/account/email`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{ProposeEmail, WithdrawEmail},
    domain::{Field, LocalPath},
    ui::{
        Mailing, PageContext,
        components::{KeptMailHint, Outcome, Page, SubmitButton, TextField},
        routes,
    },
};

/// The customer's address, and the way to another. Plain forms: they need no scripts.
#[component]
pub fn EmailPage() -> impl IntoView {
    let PageContext { customer, unverified, mailing, confirmed, proposed_email, form, .. } = PageContext::current();
    let typed = form.as_ref().filter(|form| form.sent.error.is_some()).map(|form| form.sent.email.clone());
    let fault = form.as_ref().and_then(|form| form.sent.error.as_ref()?.fields.get(Field::Email));
    let here = LocalPath::parse(routes::EMAIL);
    view! {
        <Page title="Your email address" narrow=true>
            <Outcome form />
            <p class="lead">"You log in with " <strong>{customer.map(|customer| customer.email)}</strong> "."</p>
            {(unverified && mailing != Mailing::None)
                .then(|| view! { <p><a href=routes::VERIFY_EMAIL>"Verify this address"</a></p> })}
            {proposed_email.clone().map(|email| view! { <Proposed email /> })}
            {match (mailing, confirmed) {
                (Mailing::None, _) => {
                    view! { <p>"This shop sends no mail. Please ask it for help to change your address."</p> }.into_any()
                }
                (_, false) => {
                    view! {
                        <p>
                            "To change it, " <a href=routes::with_next(routes::CONFIRM, here.as_ref())>"confirm your password first"</a>
                            "."
                        </p>
                    }
                        .into_any()
                }
                (_, true) => {
                    let label = if proposed_email.is_some() { "Replace it" } else { "Change address" };
                    view! {
                        <form method="post" action=ProposeEmail::PATH novalidate>
                            <TextField
                                field=Field::Email
                                label="New email address"
                                kind="email"
                                autocomplete="email"
                                value=typed.unwrap_or_default()
                                error=Signal::stored(fault)
                                autofocus=fault.is_some()
                            />
                            <SubmitButton label busy_label="Sending…" busy=false />
                        </form>
                    }
                        .into_any()
                }
            }}
            <KeptMailHint />
        </Page>
    }
}

/// The address that the customer wants to have: it counts once they show that they can read its mail.
#[component]
fn Proposed(email: String) -> impl IntoView {
    view! {
        <p>
            "Waiting for " <strong>{email}</strong> ": follow the link in our mail to it, or "
            <a href=routes::CHANGE_EMAIL>"type its code"</a> "."
        </p>
        <form class="apart" method="post" action=WithdrawEmail::PATH>
            <button class="button quiet small" type="submit">"Cancel"</button>
        </form>
    }
}
