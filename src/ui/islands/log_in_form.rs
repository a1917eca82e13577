//! The form to come back as a customer.

use leptos::{form::ActionForm, prelude::*};

use super::submission::Submission;
use crate::{
    api,
    domain::{Field, LogIn},
    ui::{
        SentForm,
        components::{Alert, PasswordField, SubmitButton, TextField},
    },
};

/// Email and password; on to `target` once somebody is signed in.
#[island]
pub(crate) fn LogInForm(initial: SentForm, target: String) -> impl IntoView {
    let action = ServerAction::<api::LogIn>::new();
    let first_fault = initial.error.as_ref().and_then(|error| error.fields.first());
    let next = target.clone();
    let submission = Submission::follow(action, initial.error, target);
    let check = submission.check(|typed| LogIn::parse(&typed.get(Field::Email), &typed.get(Field::Password)).map(drop));
    view! {
        <ActionForm action=action attr:novalidate=true on:submit:capture=check>
            <Alert message=submission.message() />
            <input type="hidden" name="next" value=next />
            <TextField
                field=Field::Email
                label="Email address"
                kind="email"
                autocomplete="username"
                value=initial.email
                error=submission.fault(Field::Email)
                autofocus=first_fault == Some(Field::Email)
            />
            <PasswordField
                autocomplete="current-password"
                error=submission.fault(Field::Password)
                autofocus=first_fault == Some(Field::Password)
            />
            <SubmitButton label="Log in" busy_label="Logging in…" busy=submission.busy() />
        </ActionForm>
    }
}
