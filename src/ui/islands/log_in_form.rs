//! The form to come back as a customer.

use leptos::{prelude::*, server_fn::ServerFn};

use super::submission::Submission;
use crate::{
    api,
    domain::{Field, LogIn},
    ui::{
        FormWords, SentForm,
        components::{ErrorSummary, PasswordField, PasswordWords, SubmitButton, TextField},
    },
};

/// Email and password; on to `target` once somebody is signed in.
#[island]
pub(crate) fn LogInForm(initial: SentForm, target: String, words: FormWords) -> impl IntoView {
    let next = target.clone();
    let submission = Submission::new(initial.error, target, words);
    let submit =
        submission.submit(|typed| LogIn::parse(&typed.get(Field::Email), &typed.get(Field::Password)).map(drop));
    let say = move |key: &str| submission.say(key);
    view! {
        <form method="post" action=api::LogIn::PATH novalidate on:submit=submit>
            <ErrorSummary title=say("error-summary") message=submission.message() faults=submission.faults() />
            <input type="hidden" name="next" value=next />
            <TextField
                field=Field::Email
                label=say("field-email")
                kind="email"
                autocomplete="username"
                value=initial.email
                error=submission.fault(Field::Email)
            />
            <PasswordField
                label=say("field-password")
                words=PasswordWords::new(say)
                error=submission.fault(Field::Password)
            />
            <SubmitButton label=say("log-in-button") busy_label=say("log-in-busy") busy=submission.busy() />
        </form>
    }
}
