//! The sign-up form.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    submission::{Submission, Typed},
    suggestion::{suggest, take},
};
use crate::{
    api,
    domain::{Field, FieldErrors, SignUp},
    ui::FormWords,
};

/// The form around `children`, which are its fields. Opens `target` after the sign-up.
#[island]
pub(crate) fn SignUpForm(target: String, words: FormWords, children: Children) -> impl IntoView {
    let submission = Submission::new(&[Field::Name, Field::Email, Field::Password], check, target, words);
    let question = submission.say("did-you-mean");
    view! {
        <form
            method="post"
            action=api::SignUp::PATH
            novalidate
            on:submit=move |event| submission.submit(&event)
            on:change=move |event| suggest(&event, &question)
            on:click=move |event| take(&event)
        >
            {children()}
        </form>
    }
}

fn check(typed: &Typed) -> Result<(), FieldErrors> {
    let (name, email) = (typed.get(Field::Name), typed.get(Field::Email));
    SignUp::parse(&name, &email, &typed.get(Field::Password)).map(drop)
}
