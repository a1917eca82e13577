//! The form to become a customer.

use leptos::{form::ActionForm, prelude::*};

use super::submission::Submission;
use crate::{
    api,
    domain::{Field, SignUp},
    ui::{
        SentForm,
        components::{Alert, EmailSuggestion, PasswordField, SubmitButton, TextField, suggest_email},
    },
};

/// Name, email, password; on to `target` once that was accepted, and to `next`, if that is anywhere, once somebody
/// is signed in.
#[island]
pub(crate) fn SignUpForm(initial: SentForm, next: String, target: String) -> impl IntoView {
    let action = ServerAction::<api::SignUp>::new();
    let first_fault = initial.error.as_ref().and_then(|error| error.fields.first());
    let submission = Submission::follow(action, initial.error, target);
    let check = submission.check(|typed| {
        let (name, email) = (typed.get(Field::Name), typed.get(Field::Email));
        SignUp::parse(&name, &email, &typed.get(Field::Password)).map(drop)
    });
    view! {
        <ActionForm action=action attr:novalidate=true on:submit:capture=check>
            <Alert message=submission.message() />
            <input type="hidden" name="next" value=next />
            <TextField
                field=Field::Name
                label="Name"
                autocomplete="name"
                value=initial.name
                error=submission.fault(Field::Name)
                autofocus=first_fault == Some(Field::Name)
            />
            <div on:change=|event| suggest_email(&event)>
                <TextField
                    field=Field::Email
                    label="Email address"
                    kind="email"
                    autocomplete="email"
                    value=initial.email
                    error=submission.fault(Field::Email)
                    autofocus=first_fault == Some(Field::Email)
                />
            </div>
            <EmailSuggestion />
            <PasswordField
                autocomplete="new-password"
                hint="8 characters or more. A few words you can remember make a good one."
                error=submission.fault(Field::Password)
                autofocus=first_fault == Some(Field::Password)
            />
            <SubmitButton label="Create account" busy_label="Creating your account…" busy=submission.busy() />
        </ActionForm>
    }
}
