//! The form to become a customer.

use leptos::{prelude::*, server_fn::ServerFn};

use super::submission::Submission;
use crate::{
    api,
    domain::{Field, SignUp},
    ui::{
        FormWords, SentForm,
        components::{
            EmailSuggestion, ErrorSummary, PasswordField, PasswordWords, SubmitButton, TextField, suggest_email,
        },
    },
};

/// Name, email, password; on to `target` once that was accepted, and to `next`, if that is anywhere, once somebody
/// is signed in.
#[island]
pub(crate) fn SignUpForm(initial: SentForm, next: String, target: String, words: FormWords) -> impl IntoView {
    let submission = Submission::new(initial.error, target, words);
    let submit = submission.submit(|typed| {
        let (name, email) = (typed.get(Field::Name), typed.get(Field::Email));
        SignUp::parse(&name, &email, &typed.get(Field::Password)).map(drop)
    });
    let say = move |key: &str| submission.say(key);
    let question = say("did-you-mean");
    view! {
        <form method="post" action=api::SignUp::PATH novalidate on:submit=submit>
            <ErrorSummary title=say("error-summary") message=submission.message() faults=submission.faults() />
            <input type="hidden" name="next" value=next />
            <TextField
                field=Field::Name
                label=say("field-name")
                autocomplete="name"
                value=initial.name
                error=submission.fault(Field::Name)
            />
            <div on:change=move |event| suggest_email(&event, &question)>
                <TextField
                    field=Field::Email
                    label=say("field-email")
                    kind="email"
                    autocomplete="email"
                    value=initial.email
                    error=submission.fault(Field::Email)
                />
            </div>
            <EmailSuggestion />
            <PasswordField
                label=say("field-password")
                words=PasswordWords::new(say)
                is_new=true
                hint=say("sign-up-password-hint")
                error=submission.fault(Field::Password)
            />
            <SubmitButton label=say("sign-up-button") busy_label=say("sign-up-busy") busy=submission.busy() />
        </form>
    }
}
