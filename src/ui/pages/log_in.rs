//! `/login`

use leptos::prelude::*;

use crate::{
    domain::Field,
    ui::{
        Mailing, PageContext,
        components::{
            Description, ErrorSummary, IslandScripts, Layout, Page, PasswordField, PasswordWords, SubmitButton,
            TextField, site_title,
        },
        islands::LogInForm,
        routes,
        say::{fault_of, form_words, say, sentence, summary},
    },
};

/// Where a customer comes back.
#[component]
pub fn LogInPage() -> impl IntoView {
    let context = PageContext::current();
    let form = context.form.as_ref();
    let [email_error, password_error] = [Field::Email, Field::Password].map(|field| fault_of(form, field));
    let (message, faults) = summary(form.and_then(|form| form.sent.error.as_ref()));
    let email = form.map(|form| form.sent.email.clone()).unwrap_or_default();
    let target = routes::after_sign_in(context.next.as_ref()).to_owned();
    let sign_up = routes::with_next(routes::SIGN_UP, context.next.as_ref());
    let title = say("log-in-title");
    let words = form_words(&site_title(&title), &[Field::Email, Field::Password], &[]);
    view! {
        <Page title layout=Layout::Door>
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
            {(context.mailing != Mailing::None)
                .then(|| view! { <p class="aside">{sentence("log-in-forgot", routes::FORGOT_PASSWORD)}</p> })}
            {context
                .requires_verified
                .then(|| view! { <p class="aside">{sentence("log-in-verify", routes::VERIFY_EMAIL)}</p> })}
            <p class="aside">{sentence("log-in-new", &sign_up)}</p>
            <IslandScripts />
        </Page>
    }
}
