//! The form to come back as a customer.

use leptos::{prelude::*, server_fn::ServerFn};

use super::submission::{Submission, Typed};
use crate::{
    api,
    domain::{Field, FieldErrors, LogIn},
    ui::FormWords,
};

/// The form around its fields, which are its `children`; on to `target` once the customer is signed in.
#[island]
pub(crate) fn LogInForm(target: String, words: FormWords, children: Children) -> impl IntoView {
    let submission = Submission::new(&[Field::Email, Field::Password], check, target, words);
    view! {
        <form method="post" action=api::LogIn::PATH novalidate on:submit=move |event| submission.submit(&event)>
            {children()}
        </form>
    }
}

fn check(typed: &Typed) -> Result<(), FieldErrors> {
    LogIn::parse(&typed.get(Field::Email), &typed.get(Field::Password)).map(drop)
}
