//! `/signup`

use leptos::prelude::*;

use crate::{
    domain::Field,
    ui::{
        PageContext,
        components::{
            Description, EmailSuggestion, ErrorSummary, IslandScripts, Layout, Page, PasswordField, PasswordWords,
            SubmitButton, TextField, site_title,
        },
        islands::SignUpForm,
        routes,
        say::{fault_of, form_words, say, sentence, summary},
    },
};

/// Those of its form.
const FIELDS: [Field; 3] = [Field::Name, Field::Email, Field::Password];

/// Where somebody becomes a customer.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let context = PageContext::current();
    let form = context.form.as_ref();
    let [name_error, email_error, password_error] = FIELDS.map(|field| fault_of(form, field));
    let (message, faults) = summary(form.and_then(|form| form.sent.error.as_ref()));
    let (name, email) = form.map(|form| (form.sent.name.clone(), form.sent.email.clone())).unwrap_or_default();
    let log_in = routes::with_next(routes::LOG_IN, context.next.as_ref());
    let next = context.next.as_ref().map(|next| next.as_str().to_owned()).unwrap_or_default();
    let target = if context.requires_verified {
        routes::with_next(routes::VERIFY_EMAIL, context.next.as_ref())
    } else {
        routes::after_sign_in(context.next.as_ref()).to_owned()
    };
    let title = say("sign-up-title");
    let words = form_words(&site_title(&title), &FIELDS, &["did-you-mean"]);
    view! {
        <Page title layout=Layout::Door>
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
            <IslandScripts />
        </Page>
    }
}
