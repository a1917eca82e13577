//! The login form.

use leptos::{prelude::*, server_fn::ServerFn};

use super::submission::{Submission, Typed};
use crate::{
    api,
    domain::{Field, FieldErrors, LogIn},
    ui::FormWords,
};

/// The form around `children`, which are its fields. Opens `target` after the login.
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
