//! `/account/email`

use leptos::prelude::*;

use crate::{
    accounts::{Error, ProposedEmail},
    domain::{Field, LocalPath},
    endpoints::{ProposeEmail, WithdrawEmail},
    ui::{
        FormState, Frame, Mailing,
        components::{Framed, KeptMailHint, Layout, Outcome, Section, SubmitButton, TextField},
        routes,
        say::{fault_of, say, sentence, sentence_of},
    },
    web::{
        access::Access,
        endpoint::Endpoint,
        page::Page,
        page_visit::{PageVisit, SignedIn},
        query::NoQuery,
    },
};

/// The customer's address, and the form to change it. Plain forms, which need no scripts.
pub struct EmailSettings;

#[derive(Clone)]
pub struct Email {
    address: String,
    is_verified: bool,
    /// The new address that the customer has requested.
    proposed: Option<ProposedEmail>,
    /// True if the customer entered the password a short time ago.
    confirmed: bool,
    form: Option<FormState>,
}

impl Page for EmailSettings {
    const PATH: &'static str = routes::EMAIL;
    const ACCESS: Access = Access::SignedIn;
    type Query = NoQuery;
    type Data = Email;

    async fn load(visit: &PageVisit, _: NoQuery) -> Result<Email, Error> {
        let SignedIn { identity, customer } = visit.require_customer()?;
        let proposed = visit.state().accounts.proposed_email(*identity).await?;
        Ok(Email {
            address: customer.email.as_str().to_owned(),
            is_verified: customer.verified,
            proposed,
            confirmed: visit.state().accounts.has_recent_proof(*identity).await?,
            form: visit.form.clone(),
        })
    }

    fn view(Email { address, is_verified, proposed, confirmed, form }: Email) -> AnyView {
        let mailing = Frame::current().mailing;
        let typed = form.as_ref().filter(|form| form.sent.error.is_some()).map(|form| form.sent.email.clone());
        let error = fault_of(form.as_ref(), Field::Email);
        let confirm = routes::with_next(routes::CONFIRM, LocalPath::parse(routes::EMAIL).as_ref());
        let button = if proposed.is_some() { say("email-replace") } else { say("email-button") };
        view! {
            <Framed title=say("email-title") layout=Layout::Account(Section::Email)>
                <Outcome form />
                <p class="lead">{sentence_of("email-lead", &[("email", address.into())], "")}</p>
                {(!is_verified && mailing != Mailing::None)
                    .then(|| view! { <p><a href=routes::VERIFY_EMAIL>{say("email-verify")}</a></p> })}
                {proposed.map(|proposed| view! { <Proposed proposed /> })}
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
            </Framed>
        }
        .into_any()
    }
}

/// The requested address, which replaces the current one once it is verified.
#[component]
fn Proposed(proposed: ProposedEmail) -> impl IntoView {
    let ProposedEmail { email, by_this_session } = proposed;
    let sentence = if by_this_session { "email-proposed" } else { "change-email-other" };
    view! {
        <p>{sentence_of(sentence, &[("email", email.as_str().to_owned().into())], routes::CHANGE_EMAIL)}</p>
        <form class="apart" method="post" action=WithdrawEmail::PATH>
            <button class="button quiet small" type="submit">{say("email-cancel")}</button>
        </form>
    }
}
