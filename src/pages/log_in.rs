//! `/login`

use leptos::prelude::*;

use crate::{
    accounts::Error,
    domain::Field,
    ui::{
        FormState, Frame, Mailing,
        components::{
            Description, ErrorSummary, Framed, Layout, PasswordField, PasswordWords, SubmitButton, TextField,
            site_title,
        },
        islands::LogInForm,
        routes,
        say::{fault_of, form_words, say, sentence, summary},
    },
    web::{access::Access, page::Page, page_visit::PageVisit, query::NoQuery},
};

/// The login page.
pub struct LogIn;

#[derive(Clone)]
pub struct Door {
    requires_verified: bool,
    form: Option<FormState>,
}

impl Page for LogIn {
    const PATH: &'static str = routes::LOG_IN;
    const ACCESS: Access = Access::SignedOut;
    const CACHED: bool = true;
    const ISLANDS: bool = true;
    type Query = NoQuery;
    type Data = Door;

    async fn load(visit: &PageVisit, _: NoQuery) -> Result<Door, Error> {
        Ok(Door { requires_verified: visit.state().accounts.requires_verified_email, form: visit.form.clone() })
    }

    fn view(Door { requires_verified, form }: Door) -> AnyView {
        let Frame { next, mailing, .. } = Frame::current();
        let form = form.as_ref();
        let [email_error, password_error] = [Field::Email, Field::Password].map(|field| fault_of(form, field));
        let (message, faults) = summary(form.and_then(|form| form.sent.error.as_ref()));
        let email = form.map(|form| form.sent.email.clone()).unwrap_or_default();
        let target = routes::after_sign_in(next.as_ref()).to_owned();
        let sign_up = routes::with_next(routes::SIGN_UP, next.as_ref());
        let title = say("log-in-title");
        let words = form_words(&site_title(&title), &[Field::Email, Field::Password], &[]);
        view! {
            <Framed title layout=Layout::Door>
                <Description />
                <LogInForm target=target.clone() words>
                    <ErrorSummary title=say("error-summary") message faults />
                    <input type="hidden" name="next" value=target />
                    <TextField
                        field=Field::Email
                        label=say("field-email")
                        kind="email"
                        autocomplete="username"
                        value=email
                        error=email_error
                    />
                    <PasswordField label=say("field-password") words=PasswordWords::new(say) error=password_error />
                    <SubmitButton label=say("log-in-button") busy_label=say("log-in-busy") />
                </LogInForm>
                {(mailing != Mailing::None)
                    .then(|| view! { <p class="aside">{sentence("log-in-forgot", routes::FORGOT_PASSWORD)}</p> })}
                {requires_verified
                    .then(|| view! { <p class="aside">{sentence("log-in-verify", routes::VERIFY_EMAIL)}</p> })}
                <p class="aside">{sentence("log-in-new", &sign_up)}</p>
            </Framed>
        }
        .into_any()
    }
}
