//! `/verify-email`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{ResendVerification, VerifyEmail},
    domain::LocalPath,
    ui::{
        FormState, PageContext, VerificationStep,
        components::{CodeField, KeptMailHint, Layout, Outcome, Page, SubmitButton},
        islands::probably_meant,
        routes,
        say::{say, sentence, sentence_of},
    },
};

/// Where an address is verified: by a button, since programs that look for harmful mail follow links, or by typing a code.
/// Plain forms: they need no scripts.
#[component]
pub fn VerifyEmailPage() -> impl IntoView {
    let PageContext { form, next, verification, .. } = PageContext::current();
    view! {
        <Page title=say("verify-title") layout=Layout::Door>
            <Outcome form=form.clone() />
            {match verification {
                Some(VerificationStep::Link { token, reclaims }) => view! { <ByLink token reclaims next /> }.into_any(),
                Some(VerificationStep::Mail { email }) => view! { <ByCode email form next /> }.into_any(),
                Some(VerificationStep::Expired) => {
                    view! {
                        <p class="lead">{say("verify-expired")}</p>
                        <p class="aside">{sentence("verify-expired-next", routes::LOG_IN)}</p>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <p class="lead">{say("verify-follow")}</p>
                        <p class="aside">{sentence("verify-follow-next", routes::LOG_IN)}</p>
                    }
                        .into_any()
                }
            }}
            <KeptMailHint />
        </Page>
    }
}

/// The field for the code, and another mail should none have come.
#[component]
fn ByCode(email: String, form: Option<FormState>, next: Option<LocalPath>) -> impl IntoView {
    let meant = probably_meant(&email);
    view! {
        <p class="lead">{sentence_of("verify-code", &[("email", email.into())], "")}</p>
        {(!meant.is_empty())
            .then(|| view! { <p>{sentence_of("verify-typo", &[("email", meant.into())], routes::SIGN_UP)}</p> })}
        <form method="post" action=VerifyEmail::PATH novalidate>
            <Next next=next.clone() />
            <CodeField form />
            <SubmitButton label=say("verify-button") busy_label=say("verify-busy") />
        </form>
        <form method="post" action=ResendVerification::PATH class="aside">
            <Next next />
            {say("verify-again")} " "
            <button class="link" type="submit">{say("verify-again-button")}</button>
        </form>
    }
}

/// The button of a link, and what it does.
#[component]
fn ByLink(token: String, reclaims: bool, next: Option<LocalPath>) -> impl IntoView {
    view! {
        {reclaims
            .then(|| view! {
                <p class="lead">{say("verify-reclaims")}</p>
                <p>{say("verify-keeps")}</p>
            })}
        <form method="post" action=VerifyEmail::PATH>
            <Next next />
            <input type="hidden" name="token" value=token />
            <SubmitButton label=say("verify-link-button") busy_label=say("verify-busy") />
        </form>
    }
}

/// Where it goes on.
#[component]
fn Next(next: Option<LocalPath>) -> impl IntoView {
    next.map(|next| view! { <input type="hidden" name="next" value=next.as_str().to_owned() /> })
}
