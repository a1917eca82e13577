//! `/account/email`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{ProposeEmail, WithdrawEmail},
    domain::{Field, LocalPath},
    ui::{
        Mailing, PageContext,
        components::{KeptMailHint, Layout, Outcome, Page, Section, SubmitButton, TextField},
        routes,
        say::{fault_of, say, sentence, sentence_of},
    },
};

/// The customer's address, and the way to another. Plain forms: they need no scripts.
#[component]
pub fn EmailPage() -> impl IntoView {
    let PageContext { customer, unverified, mailing, confirmed, proposed_email, form, .. } = PageContext::current();
    let typed = form.as_ref().filter(|form| form.sent.error.is_some()).map(|form| form.sent.email.clone());
    let error = fault_of(form.as_ref(), Field::Email);
    let email = customer.map(|customer| customer.email).unwrap_or_default();
    let confirm = routes::with_next(routes::CONFIRM, LocalPath::parse(routes::EMAIL).as_ref());
    let button = if proposed_email.is_some() { say("email-replace") } else { say("email-button") };
    view! {
        <Page title=say("email-title") layout=Layout::Account(Section::Email)>
            <Outcome form />
            <p class="lead">{sentence_of("email-lead", &[("email", email.into())], "")}</p>
            {(unverified && mailing != Mailing::None)
                .then(|| view! { <p><a href=routes::VERIFY_EMAIL>{say("email-verify")}</a></p> })}
            {proposed_email.map(|email| view! { <Proposed email /> })}
            {match (mailing, confirmed) {
                (Mailing::None, _) => view! { <p>{say("email-no-mail")}</p> }.into_any(),
                (_, false) => view! { <p>{sentence("email-confirm", &confirm)}</p> }.into_any(),
                (_, true) => {
                    view! {
                        <form class="narrow" method="post" action=ProposeEmail::PATH novalidate>
                            <TextField
                                field=Field::Email
                                label=say("field-new-email")
                                kind="email"
                                autocomplete="email"
                                value=typed.unwrap_or_default()
                                error
                            />
                            <SubmitButton label=button busy_label=say("email-busy") />
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
        <p>{sentence_of("email-proposed", &[("email", email.into())], routes::CHANGE_EMAIL)}</p>
        <form class="apart" method="post" action=WithdrawEmail::PATH>
            <button class="button quiet small" type="submit">{say("email-cancel")}</button>
        </form>
    }
}
