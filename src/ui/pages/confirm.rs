//! `/account/confirm`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::Confirm,
    domain::Field,
    ui::{
        PageContext,
        components::{Layout, Outcome, Page, PasswordField, PasswordWords, SubmitButton},
        say::{fault_of, say},
    },
};

/// Where the customer proves that it is still them, on the way to something sensitive.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let PageContext { customer, next, form, .. } = PageContext::current();
    let email = customer.map(|customer| customer.email);
    let error = fault_of(form.as_ref(), Field::CurrentPassword);
    view! {
        <Page title=say("confirm-title") layout=Layout::Door>
            <Outcome form />
            <p class="lead">{say("confirm-lead")}</p>
            <form method="post" action=Confirm::PATH novalidate>
                <input type="hidden" name="next" value=next.map(|next| next.as_str().to_owned()) />
                // For password managers, which otherwise guess whose password it is.
                <input type="text" name="username" autocomplete="username" value=email hidden readonly />
                <PasswordField
                    field=Field::CurrentPassword
                    label=say("field-password")
                    words=PasswordWords::new(say)
                    error
                />
                <SubmitButton label=say("confirm-button") busy_label=say("confirm-busy") />
            </form>
        </Page>
    }
}
