//! `/account/security`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ChangePassword,
    domain::Field,
    ui::{
        PageContext,
        components::{Outcome, Page, PasswordField, SubmitButton},
    },
};

/// Where the customer changes their password. A plain form: it needs no scripts.
#[component]
pub fn SecurityPage() -> impl IntoView {
    let PageContext { customer, form, .. } = PageContext::current();
    let email = customer.map(|customer| customer.email);
    let errors = form.as_ref().and_then(|form| form.sent.error.as_ref()).map(|error| error.fields.clone());
    let errors = errors.unwrap_or_default();
    let [current, new] = [Field::CurrentPassword, Field::Password].map(|field| Signal::stored(errors.get(field)));
    let first_fault = errors.first();
    view! {
        <Page title="Change your password" narrow=true>
            <Outcome form />
            <form method="post" action=ChangePassword::PATH novalidate>
                // For password managers, which otherwise guess whose password it is.
                <input type="text" name="username" autocomplete="username" value=email hidden readonly />
                <PasswordField
                    field=Field::CurrentPassword
                    label="Current password"
                    autocomplete="current-password"
                    error=current
                    autofocus=first_fault == Some(Field::CurrentPassword)
                />
                <PasswordField
                    label="New password"
                    autocomplete="new-password"
                    hint="8 characters or more. All other devices will be signed out."
                    error=new
                    autofocus=first_fault == Some(Field::Password)
                />
                <SubmitButton label="Change password" busy_label="Changing your password…" busy=false />
            </form>
        </Page>
    }
}
