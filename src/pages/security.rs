//! `/account/security`

use leptos::prelude::*;

use crate::{
    accounts::Error,
    domain::Field,
    endpoints::ChangePassword,
    ui::{
        FormState,
        components::{Framed, Layout, Outcome, PasswordField, PasswordWords, Section, SubmitButton},
        routes,
        say::{fault_of, say},
    },
    web::{access::Access, endpoint::Endpoint, page::Page, page_visit::PageVisit, query::NoQuery},
};

/// The form that changes the password. A plain form, which needs no scripts.
pub struct Security;

#[derive(Clone)]
pub struct PasswordForm {
    email: String,
    form: Option<FormState>,
}

impl Page for Security {
    const PATH: &'static str = routes::SECURITY;
    const ACCESS: Access = Access::SignedIn;
    type Query = NoQuery;
    type Data = PasswordForm;

    async fn load(visit: &PageVisit, _: NoQuery) -> Result<PasswordForm, Error> {
        let email = visit.require_customer()?.customer.email.as_str().to_owned();
        Ok(PasswordForm { email, form: visit.form.clone() })
    }

    fn view(PasswordForm { email, form }: PasswordForm) -> AnyView {
        let [current, new] = [Field::CurrentPassword, Field::Password].map(|field| fault_of(form.as_ref(), field));
        view! {
            <Framed title=say("security-title") layout=Layout::Account(Section::Security)>
                <Outcome form />
                <form class="narrow" method="post" action=ChangePassword::PATH novalidate>
                    // For password managers, which need to know the account.
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
            </Framed>
        }
        .into_any()
    }
}
