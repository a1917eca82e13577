//! `/change-email`

use leptos::prelude::*;

use crate::{
    accounts::{ChangeLink, Error, ProposedEmail},
    endpoints::ChangeEmail,
    ui::{
        FormState,
        components::{CodeField, Framed, Layout, Outcome, SubmitButton},
        routes,
        say::{say, sentence_of},
    },
    web::{access::Access, endpoint::Endpoint, page::Page, page_visit::PageVisit, query::LinkQuery},
};

/// The target of the link that changes an address. In the session that requested the change, it shows a button, because
/// mail scanners open links. Elsewhere it shows the code, which the customer types in that session.
pub struct CompleteEmailChange;

#[derive(Clone)]
pub struct Change {
    /// The effect of the link, if the page was opened by one.
    link: Option<LinkOutcome>,
    /// The new address that the logged-in customer has requested.
    proposed: Option<ProposedEmail>,
    form: Option<FormState>,
}

/// The effect of a link in this browser.
#[derive(Clone)]
enum LinkOutcome {
    /// This session requested the change: the token completes it.
    Completes { token: String },
    /// Another session requested it: the code must be typed there.
    Elsewhere { code: String },
    /// It has expired or was used.
    Expired,
}

impl Page for CompleteEmailChange {
    const PATH: &'static str = routes::CHANGE_EMAIL;
    const ACCESS: Access = Access::Anyone;
    type Query = LinkQuery;
    type Data = Change;

    async fn load(visit: &PageVisit, query: LinkQuery) -> Result<Change, Error> {
        let identity = visit.signed_in().map(|signed_in| signed_in.identity);
        let link = match query.token {
            None => None,
            Some(token) => Some(match visit.state().accounts.look_at_change(&token, identity).await? {
                Some(ChangeLink::Completes) => LinkOutcome::Completes { token },
                Some(ChangeLink::Elsewhere(code)) => LinkOutcome::Elsewhere { code: code.to_string() },
                None => LinkOutcome::Expired,
            }),
        };
        let proposed = match identity {
            None => None,
            Some(identity) => visit.state().accounts.proposed_email(identity).await?,
        };
        Ok(Change { link, proposed, form: visit.form.clone() })
    }

    fn view(Change { link, proposed, form }: Change) -> AnyView {
        let is_new = form.is_none();
        let button = || view! { <SubmitButton label=say("change-email-button") busy_label=say("change-email-busy") /> };
        view! {
            <Framed title=say("change-email-title") layout=Layout::Door>
                <Outcome form=form.clone() />
                {match (link, proposed) {
                    (Some(LinkOutcome::Completes { token }), _) => {
                        view! {
                            <p class="lead">{say("change-email-lead")}</p>
                            <form method="post" action=ChangeEmail::PATH>
                                <input type="hidden" name="token" value=token />
                                {button()}
                            </form>
                        }
                            .into_any()
                    }
                    (Some(LinkOutcome::Elsewhere { code }), _) => {
                        view! {
                            <p class="lead">{say("change-email-elsewhere")}</p>
                            <p class="code">{code}</p>
                            <p>{say("change-email-elsewhere-why")}</p>
                        }
                            .into_any()
                    }
                    (Some(LinkOutcome::Expired), _) => view! { <p class="lead">{say("change-email-expired")}</p> }.into_any(),
                    (None, Some(ProposedEmail { email, by_this_session: false })) => {
                        let email = email.as_str().to_owned().into();
                        view! { <p class="lead">{sentence_of("change-email-other", &[("email", email)], "")}</p> }.into_any()
                    }
                    (None, Some(ProposedEmail { email, .. })) => {
                        let email = email.as_str().to_owned().into();
                        view! {
                            <p class="lead">{sentence_of("change-email-code", &[("email", email)], "")}</p>
                            <form method="post" action=ChangeEmail::PATH novalidate>
                                <CodeField form />
                                {button()}
                            </form>
                        }
                            .into_any()
                    }
                    (None, None) if is_new => view! { <p class="lead">{say("change-email-follow")}</p> }.into_any(),
                    (None, None) => ().into_any(),
                }}
                <p class="aside"><a href=routes::EMAIL>{say("change-email-back")}</a></p>
            </Framed>
        }
        .into_any()
    }
}
