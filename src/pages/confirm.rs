//! `/account/confirm`

use leptos::prelude::*;

use crate::{
    accounts::Error,
    domain::{Field, LocalPath},
    endpoints::Confirm,
    ui::{
        FormState,
        components::{Framed, Layout, Outcome, PasswordField, PasswordWords, SubmitButton},
        routes,
        say::{fault_of, say},
    },
    web::{access::Access, endpoint::Endpoint, page::Page, page_visit::PageVisit, query::NoQuery},
};

/// Asks for the password again before a sensitive action.
pub struct ConfirmPassword;

#[derive(Clone)]
pub struct Confirmation {
    email: String,
    next: Option<LocalPath>,
    form: Option<FormState>,
}

impl Page for ConfirmPassword {
    const PATH: &'static str = routes::CONFIRM;
    const ACCESS: Access = Access::SignedIn;
    type Query = NoQuery;
    type Data = Confirmation;

    async fn load(visit: &PageVisit, _: NoQuery) -> Result<Confirmation, Error> {
        let email = visit.require_customer()?.customer.email.as_str().to_owned();
        Ok(Confirmation { email, next: visit.next.clone(), form: visit.form.clone() })
    }

    fn view(Confirmation { email, next, form }: Confirmation) -> AnyView {
        let error = fault_of(form.as_ref(), Field::CurrentPassword);
        view! {
            <Framed title=say("confirm-title") layout=Layout::Door>
                <Outcome form />
                <p class="lead">{say("confirm-lead")}</p>
                <form method="post" action=Confirm::PATH novalidate>
                    <input type="hidden" name="next" value=next.map(|next| next.as_str().to_owned()) />
                    // For password managers, which need to know the account.
                    <input type="text" name="username" autocomplete="username" value=email hidden readonly />
                    <PasswordField
                        field=Field::CurrentPassword
                        label=say("field-password")
                        words=PasswordWords::new(say)
                        error
                    />
                    <SubmitButton label=say("confirm-button") busy_label=say("confirm-busy") />
                </form>
            </Framed>
        }
        .into_any()
    }
}
