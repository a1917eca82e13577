//! `/forgot-password`

use leptos::prelude::*;

use crate::{
    accounts::Error,
    domain::Field,
    endpoints::ForgotPassword,
    ui::{
        FormState, Frame, Mailing,
        components::{Framed, KeptMailHint, Layout, Outcome, SubmitButton, TextField},
        routes,
        say::{fault_of, say},
    },
    web::{access::Access, endpoint::Endpoint, page::Page, page_visit::PageVisit, query::NoQuery},
};

/// The form that requests a password reset link. A plain form, which needs no scripts.
pub struct ForgottenPassword;

impl Page for ForgottenPassword {
    const PATH: &'static str = routes::FORGOT_PASSWORD;
    const ACCESS: Access = Access::Anyone;
    const CACHED: bool = true;
    type Query = NoQuery;
    type Data = Option<FormState>;

    async fn load(visit: &PageVisit, _: NoQuery) -> Result<Option<FormState>, Error> {
        Ok(visit.form.clone())
    }

    fn view(form: Option<FormState>) -> AnyView {
        let error = fault_of(form.as_ref(), Field::Email);
        let email = form.as_ref().map(|form| form.sent.email.clone()).unwrap_or_default();
        view! {
            <Framed title=say("forgot-title") layout=Layout::Door>
                <Outcome form />
                {match Frame::current().mailing {
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
            </Framed>
        }
        .into_any()
    }
}
