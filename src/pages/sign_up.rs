//! `/signup`

use leptos::prelude::*;

use crate::{
    accounts::Error,
    domain::Field,
    ui::{
        FormState, Frame,
        components::{
            Description, EmailSuggestion, ErrorSummary, Framed, Layout, PasswordField, PasswordWords, SubmitButton,
            TextField, site_title,
        },
        islands::SignUpForm,
        routes,
        say::{fault_of, form_words, say, sentence, summary},
    },
    web::{access::Access, page::Page, page_visit::PageVisit, query::NoQuery},
};

/// The fields of the form.
const FIELDS: [Field; 3] = [Field::Name, Field::Email, Field::Password];

/// The form to create an account.
pub struct SignUp;

#[derive(Clone)]
pub struct Registration {
    requires_verified: bool,
    form: Option<FormState>,
}

impl Page for SignUp {
    const PATH: &'static str = routes::SIGN_UP;
    const ACCESS: Access = Access::SignedOut;
    const CACHED: bool = true;
    const ISLANDS: bool = true;
    type Query = NoQuery;
    type Data = Registration;

    async fn load(visit: &PageVisit, _: NoQuery) -> Result<Registration, Error> {
        Ok(Registration { requires_verified: visit.state().accounts.requires_verified_email, form: visit.form.clone() })
    }

    fn view(Registration { requires_verified, form }: Registration) -> AnyView {
        let next = Frame::current().next;
        let form = form.as_ref();
        let [name_error, email_error, password_error] = FIELDS.map(|field| fault_of(form, field));
        let (message, faults) = summary(form.and_then(|form| form.sent.error.as_ref()));
        let (name, email) = form.map(|form| (form.sent.name.clone(), form.sent.email.clone())).unwrap_or_default();
        let log_in = routes::with_next(routes::LOG_IN, next.as_ref());
        let target = if requires_verified {
            routes::with_next(routes::VERIFY_EMAIL, next.as_ref())
        } else {
            routes::after_sign_in(next.as_ref()).to_owned()
        };
        let next = next.map(|next| next.as_str().to_owned()).unwrap_or_default();
        let title = say("sign-up-title");
        let words = form_words(&site_title(&title), &FIELDS, &["did-you-mean"]);
        view! {
            <Framed title layout=Layout::Door>
                <Description />
                <SignUpForm target words>
                    <ErrorSummary title=say("error-summary") message faults />
                    <input type="hidden" name="next" value=next />
                    <TextField field=Field::Name label=say("field-name") autocomplete="name" value=name error=name_error />
                    <TextField
                        field=Field::Email
                        label=say("field-email")
                        kind="email"
                        autocomplete="email"
                        value=email
                        error=email_error
                    />
                    <EmailSuggestion />
                    <PasswordField
                        label=say("field-password")
                        words=PasswordWords::new(say)
                        is_new=true
                        hint=say("sign-up-password-hint")
                        error=password_error
                    />
                    <SubmitButton label=say("sign-up-button") busy_label=say("sign-up-busy") />
                </SignUpForm>
                <p class="aside">{sentence("sign-up-known", &log_in)}</p>
            </Framed>
        }
        .into_any()
    }
}
