//! `/verify-email`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{ResendVerification, VerifyEmail},
    domain::LocalPath,
    ui::{
        PageContext, VerificationStep,
        components::{CodeField, KeptMailHint, Outcome, Page, SubmitButton, probably_meant},
        routes,
    },
};

/// Where an address is verified: by a button, since programs that look for harmful mail follow links, or by typing a code.
/// Plain forms: they need no scripts.
#[component]
pub fn VerifyEmailPage() -> impl IntoView {
    let PageContext { form, next, verification, .. } = PageContext::current();
    view! {
        <Page title="Verify your email address" narrow=true>
            <Outcome form=form.clone() />
            {match verification {
                Some(VerificationStep::Link { token, reclaims }) => view! { <ByLink token reclaims next /> }.into_any(),
                Some(VerificationStep::Mail { email }) => {
                    let meant = probably_meant(&email);
                    view! {
                        <p class="lead">
                            "We wrote to " <strong>{email}</strong> ". Follow the link in that mail, or type its code here."
                        </p>
                        {(!meant.is_empty())
                            .then(|| view! {
                                <p>
                                    "Did you mean " <strong>{meant}</strong> "? Then "
                                    <a href=routes::SIGN_UP>"sign up with that"</a> "."
                                </p>
                            })}
                        <form method="post" action=VerifyEmail::PATH novalidate>
                            <Next next=next.clone() />
                            <CodeField form=form.clone() />
                            <SubmitButton label="Verify" busy_label="Verifying…" busy=false />
                        </form>
                        <form method="post" action=ResendVerification::PATH class="aside">
                            <Next next />
                            "Nothing there? Look among unwanted mail, or " <button class="link" type="submit">
                                "have it sent again"
                            </button> "."
                        </form>
                    }
                        .into_any()
                }
                Some(VerificationStep::Expired) => {
                    view! {
                        <p class="lead">"This link was used already, or its time is over."</p>
                        <p class="aside">
                            <a href=routes::LOG_IN>"Log in"</a> ": should your address still be to verify, we send another."
                        </p>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <p class="lead">"Follow the link in our mail. It works in any browser."</p>
                        <p class="aside">
                            "No mail? " <a href=routes::LOG_IN>"Log in"</a>
                            ", and should your address still be to verify, we send another."
                        </p>
                    }
                        .into_any()
                }
            }}
            <KeptMailHint />
        </Page>
    }
}

/// The button of a link, and what it does.
#[component]
fn ByLink(token: String, reclaims: bool, next: Option<LocalPath>) -> impl IntoView {
    view! {
        {reclaims
            .then(|| view! {
                <p class="lead">
                    "You did not sign up in this browser. To be sure that the account is yours alone, you choose a new password "
                    "next, and all devices are signed out."
                </p>
                <p>"To keep your password, follow the link where you signed up, or type its code there."</p>
            })}
        <form method="post" action=VerifyEmail::PATH>
            <Next next />
            <input type="hidden" name="token" value=token />
            <SubmitButton label="Verify my address" busy_label="Verifying…" busy=false />
        </form>
    }
}

/// Where it goes on.
#[component]
fn Next(next: Option<LocalPath>) -> impl IntoView {
    next.map(|next| view! { <input type="hidden" name="next" value=next.as_str().to_owned() /> })
}
