//! `/forgot-password`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ForgotPassword,
    domain::Field,
    ui::{
        Mailing, PageContext,
        components::{KeptMailHint, Outcome, Page, SubmitButton, TextField},
        routes,
    },
};

/// Where a customer who forgot their password asks for a link. A plain form: it needs no scripts.
#[component]
pub fn ForgotPasswordPage() -> impl IntoView {
    let PageContext { form, mailing, .. } = PageContext::current();
    let fault = form.as_ref().and_then(|form| form.sent.error.as_ref()?.fields.get(Field::Email));
    let email = form.as_ref().map(|form| form.sent.email.clone()).unwrap_or_default();
    view! {
        <Page title="Forgot your password?" narrow=true>
            <Outcome form />
            {match mailing {
                Mailing::None => view! { <p class="lead">"This shop sends no mail. Please ask it for help."</p> }.into_any(),
                Mailing::Kept | Mailing::Sent => {
                    view! {
                        <p class="lead">"We send you a link by which you choose a new one."</p>
                        <form method="post" action=ForgotPassword::PATH novalidate>
                            <TextField
                                field=Field::Email
                                label="Email address"
                                kind="email"
                                autocomplete="username"
                                value=email
                                error=Signal::stored(fault)
                                autofocus=fault.is_some()
                            />
                            <SubmitButton label="Send the link" busy_label="Sending…" busy=false />
                        </form>
                    }
                        .into_any()
                }
            }}
            <KeptMailHint />
            <p class="aside"><a href=routes::LOG_IN>"Back to the login"</a></p>
        </Page>
    }
}
