//! `/forgot-password`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ForgotPassword,
    domain::Field,
    ui::{
        Mailing, PageContext,
        components::{KeptMailHint, Layout, Outcome, Page, SubmitButton, TextField},
        routes,
        say::{fault_of, say},
    },
};

/// Where a customer who forgot their password asks for a link. A plain form: it needs no scripts.
#[component]
pub fn ForgotPasswordPage() -> impl IntoView {
    let PageContext { form, mailing, .. } = PageContext::current();
    let error = fault_of(form.as_ref(), Field::Email);
    let email = form.as_ref().map(|form| form.sent.email.clone()).unwrap_or_default();
    view! {
        <Page title=say("forgot-title") layout=Layout::Door>
            <Outcome form />
            {match mailing {
                Mailing::None => view! { <p class="lead">{say("forgot-no-mail")}</p> }.into_any(),
                Mailing::Kept | Mailing::Sent => {
                    view! {
                        <p class="lead">{say("forgot-lead")}</p>
                        <form method="post" action=ForgotPassword::PATH novalidate>
                            <TextField
                                field=Field::Email
                                label=say("field-email")
                                kind="email"
                                autocomplete="username"
                                value=email
                                error
                            />
                            <SubmitButton label=say("forgot-button") busy_label=say("forgot-busy") />
                        </form>
                    }
                        .into_any()
                }
            }}
            <KeptMailHint />
            <p class="aside"><a href=routes::LOG_IN>{say("forgot-back")}</a></p>
        </Page>
    }
}
