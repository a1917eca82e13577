//! `/verify-email`

use leptos::prelude::*;

use crate::{
    accounts::{Error, LinkView},
    domain::LocalPath,
    endpoints::{ResendVerification, VerifyEmail},
    ui::{
        FormState, Frame,
        components::{CodeField, Framed, KeptMailHint, Layout, Outcome, SubmitButton},
        islands::probably_meant,
        routes,
        say::{say, sentence, sentence_of},
    },
    web::{access::Access, endpoint::Endpoint, page::Page, page_visit::PageVisit, query::LinkQuery},
};

/// Where an address is verified: by a button, since programs that look for harmful mail follow links, or by typing a code.
/// Plain forms: they need no scripts.
pub struct VerifyAddress;

#[derive(Clone)]
pub struct Verification {
    step: Option<Step>,
    form: Option<FormState>,
}

/// How a visitor verifies their address.
#[derive(Clone)]
enum Step {
    /// By the link that they followed.
    Link {
        token: String,
        /// The account was not created in this browser: its password and its sessions end by it.
        reclaims: bool,
    },
    /// The link that they followed has expired or was used.
    Expired,
    /// By the mail to this address.
    Mail { email: String },
}

impl Page for VerifyAddress {
    const PATH: &'static str = routes::VERIFY_EMAIL;
    const ACCESS: Access = Access::Anyone;
    type Query = LinkQuery;
    type Data = Verification;

    async fn load(visit: &PageVisit, query: LinkQuery) -> Result<Verification, Error> {
        let (newcomer, signed_in) = (visit.newcomer(), visit.signed_in());
        let step = if let Some(token) = query.token {
            let identity = signed_in.map(|signed_in| signed_in.identity);
            Some(match visit.state().accounts.look_at_link(&token, newcomer.as_ref(), identity).await? {
                LinkView::Verifies => Step::Link { token, reclaims: false },
                LinkView::Reclaims => Step::Link { token, reclaims: true },
                LinkView::Expired => Step::Expired,
            })
        } else {
            let unverified = signed_in.map(|signed_in| &signed_in.customer).filter(|customer| !customer.verified);
            let email =
                newcomer.as_ref().map(|newcomer| &newcomer.email).or(unverified.map(|customer| &customer.email));
            email.map(|email| Step::Mail { email: email.as_str().to_owned() })
        };
        Ok(Verification { step, form: visit.form.clone() })
    }

    fn view(Verification { step, form }: Verification) -> AnyView {
        let next = Frame::current().next;
        view! {
            <Framed title=say("verify-title") layout=Layout::Door>
                <Outcome form=form.clone() />
                {match step {
                    Some(Step::Link { token, reclaims }) => view! { <ByLink token reclaims next /> }.into_any(),
                    Some(Step::Mail { email }) => view! { <ByCode email form next /> }.into_any(),
                    Some(Step::Expired) => {
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
