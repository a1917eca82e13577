//! `/account/confirm`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::Confirm,
    domain::Field,
    ui::{
        PageContext,
        components::{Outcome, Page, PasswordField, SubmitButton},
    },
};

/// Where the customer proves that it is still them, on the way to something sensitive.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let PageContext { customer, next, form, .. } = PageContext::current();
    let email = customer.map(|customer| customer.email);
    let fault = form.as_ref().and_then(|form| form.sent.error.as_ref()?.fields.get(Field::CurrentPassword));
    view! {
        <Page title="Confirm that it is you" narrow=true>
            <Outcome form />
            <p class="lead">"What comes next is sensitive. Your password opens it for ten minutes."</p>
            <form method="post" action=Confirm::PATH novalidate>
                <input type="hidden" name="next" value=next.map(|next| next.as_str().to_owned()) />
                // For password managers, which otherwise guess whose password it is.
                <input type="text" name="username" autocomplete="username" value=email hidden readonly />
                <PasswordField
                    field=Field::CurrentPassword
                    label="Password"
                    autocomplete="current-password"
                    error=Signal::stored(fault)
                    autofocus=true
                />
                <SubmitButton label="Confirm" busy_label="Confirming…" busy=false />
            </form>
        </Page>
    }
}
