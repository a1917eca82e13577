//! `/account/security`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ChangePassword,
    domain::Field,
    ui::{
        PageContext,
        components::{Layout, Outcome, Page, PasswordField, PasswordWords, Section, SubmitButton},
        say::{fault_of, say},
    },
};

/// Where the customer changes their password. A plain form: it needs no scripts.
#[component]
pub fn SecurityPage() -> impl IntoView {
    let PageContext { customer, form, .. } = PageContext::current();
    let email = customer.map(|customer| customer.email);
    let [current, new] = [Field::CurrentPassword, Field::Password].map(|field| fault_of(form.as_ref(), field));
    view! {
        <Page title=say("security-title") layout=Layout::Account(Section::Security)>
            <Outcome form />
            <form class="narrow" method="post" action=ChangePassword::PATH novalidate>
                // For password managers, which otherwise guess whose password it is.
                <input type="text" name="username" autocomplete="username" value=email hidden readonly />
                <PasswordField
                    field=Field::CurrentPassword
                    label=say("field-current-password")
                    words=PasswordWords::new(say)
                    error=current
                />
                <PasswordField
                    label=say("field-new-password")
                    words=PasswordWords::new(say)
                    is_new=true
                    hint=say("security-hint")
                    error=new
                />
                <SubmitButton label=say("security-button") busy_label=say("security-busy") />
            </form>
        </Page>
    }
}
