//! `/verify-email`

use leptos::prelude::*;

use crate::{
    accounts::{Error, LinkView},
    domain::LocalPath,
    endpoints::{ResendVerification, VerifyEmail},
    ui::{
        FormState, Frame, Mailing,
        components::{CodeField, Framed, KeptMailHint, Layout, Outcome, SubmitButton},
        islands::probably_meant,
        routes,
        say::{say, sentence, sentence_of},
    },
    web::{access::Access, endpoint::Endpoint, page::Page, page_visit::PageVisit, query::LinkQuery},
};

/// Verifies an address: by the button of a link, because mail scanners follow links, or by a code. Plain forms, which
/// need no scripts.
pub struct VerifyAddress;

#[derive(Clone)]
pub struct Verification {
    step: Option<Step>,
    form: Option<FormState>,
}

/// How a visitor verifies their address.
#[derive(Clone)]
enum Step {
    /// With the link that opened the page.
    Link {
        token: String,
        /// True if the account was created in another browser: the link then removes its password and ends its
        /// sessions.
        reclaims: bool,
    },
    /// The link has expired or was used. Another mail can be requested for this address, if any.
    Expired { email: Option<String> },
    /// With the mail to this address.
    Mail { email: String },
    /// Not at all: the signed-in customer's address, this one, is verified.
    Done { email: String },
}

impl Page for VerifyAddress {
    const PATH: &'static str = routes::VERIFY_EMAIL;
    const ACCESS: Access = Access::Anyone;
    type Query = LinkQuery;
    type Data = Verification;

    async fn load(visit: &PageVisit, query: LinkQuery) -> Result<Verification, Error> {
        let (pending_signup, signed_in) = (visit.pending_signup(), visit.signed_in());
        let customer = signed_in.map(|signed_in| &signed_in.customer);
        let verified = customer.filter(|customer| customer.verified).map(|customer| &customer.email);
        let done = verified.map(|email| Step::Done { email: email.as_str().to_owned() });
        // A customer can also sign up with another address while they are signed in.
        let pending = pending_signup.as_ref().map(|pending| &pending.email).filter(|email| Some(*email) != verified);
        let unverified = customer.filter(|customer| !customer.verified).map(|customer| &customer.email);
        let awaited = pending.or(unverified).map(|email| email.as_str().to_owned());
        let step = if let Some(token) = query.token {
            let identity = signed_in.map(|signed_in| signed_in.identity);
            match visit.state().accounts.look_at_link(&token, pending_signup.as_ref(), identity).await? {
                LinkView::Verifies => Some(Step::Link { token, reclaims: false }),
                LinkView::Reclaims => Some(Step::Link { token, reclaims: true }),
                LinkView::Expired if awaited.is_none() => done.or(Some(Step::Expired { email: None })),
                LinkView::Expired => Some(Step::Expired { email: awaited }),
            }
        } else {
            awaited.map(|email| Step::Mail { email }).or(done)
        };
        Ok(Verification { step, form: visit.form.clone() })
    }

    fn view(Verification { step, form }: Verification) -> AnyView {
        let Frame { next, mailing, .. } = Frame::current();
        view! {
            <Framed title=say("verify-title") layout=Layout::Door>
                <Outcome form=form.clone() />
                {match step {
                    Some(Step::Done { email }) => {
                        view! {
                            <p class="lead">{sentence_of("verify-done", &[("email", email.into())], "")}</p>
                            <p class="aside"><a href=routes::ACCOUNT>{say("verify-done-next")}</a></p>
                        }
                            .into_any()
                    }
                    Some(Step::Link { token, reclaims }) => view! { <ByLink token reclaims next /> }.into_any(),
                    Some(Step::Mail { .. } | Step::Expired { .. }) | None if mailing == Mailing::None => {
                        view! { <p class="lead">{say("verify-no-mail")}</p> }.into_any()
                    }
                    Some(Step::Mail { email }) => view! { <ByCode email form next /> }.into_any(),
                    Some(Step::Expired { email: Some(email) }) => {
                        view! {
                            <p class="lead">{say("verify-expired")}</p>
                            <ByCode email form next />
                        }
                            .into_any()
                    }
                    Some(Step::Expired { email: None }) => {
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
            </Framed>
        }
        .into_any()
    }
}

/// The field for the code, and a button that sends another mail.
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

/// The button that uses the link, with an explanation.
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

/// The hidden field with the next page.
#[component]
fn Next(next: Option<LocalPath>) -> impl IntoView {
    next.map(|next| view! { <input type="hidden" name="next" value=next.as_str().to_owned() /> })
}
