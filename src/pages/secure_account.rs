//! `/secure-account`

use leptos::prelude::*;

use crate::{
    accounts::{Error, NoticeLink},
    endpoints::SecureAccount,
    ui::{
        FormState,
        components::{Framed, KeptMailHint, Layout, Outcome, SubmitButton},
        routes,
        say::{say, sentence},
    },
    web::{access::Access, endpoint::Endpoint, page::Page, page_visit::PageVisit, query::LinkQuery},
};

/// The target of the "this wasn't me" link of a notice, with a button that explains its effect.
pub struct SecureYourAccount;

#[derive(Clone)]
pub struct Securing {
    /// The link that opened the page, if any.
    link: Option<Link>,
    form: Option<FormState>,
}

/// The link of a notice.
#[derive(Clone)]
enum Link {
    /// This token secures the account.
    Valid { token: String },
    /// Another account has the address that the account would return to.
    AddressTaken,
    /// It has expired or was used.
    Expired,
}

impl Page for SecureYourAccount {
    const PATH: &'static str = routes::SECURE_ACCOUNT;
    const ACCESS: Access = Access::Anyone;
    type Query = LinkQuery;
    type Data = Securing;

    async fn load(visit: &PageVisit, query: LinkQuery) -> Result<Securing, Error> {
        let link = match query.token {
            None => None,
            Some(token) => Some(match visit.state().accounts.look_at_notice(&token).await? {
                NoticeLink::Secures => Link::Valid { token },
                NoticeLink::AddressTaken => Link::AddressTaken,
                NoticeLink::Expired => Link::Expired,
            }),
        };
        Ok(Securing { link, form: visit.form.clone() })
    }

    fn view(Securing { link, form }: Securing) -> AnyView {
        let is_new = form.is_none();
        view! {
            <Framed title=say("secure-title") layout=Layout::Door>
                <Outcome form />
                {match link {
                    Some(Link::Valid { token }) => {
                        view! {
                            <p class="lead">{say("secure-lead")}</p>
                            <ul>
                                <li>{say("secure-devices")}</li>
                                <li>{say("secure-password")}</li>
                                <li>{say("secure-email")}</li>
                            </ul>
                            <form method="post" action=SecureAccount::PATH>
                                <input type="hidden" name="token" value=token />
                                <SubmitButton label=say("secure-button") busy_label=say("secure-busy") />
                            </form>
                        }
                            .into_any()
                    }
                    Some(Link::AddressTaken) => {
                        view! {
                            <p class="lead">{say("secure-taken")}</p>
                            <p>{sentence("secure-taken-next", routes::LOG_IN)}</p>
                        }
                            .into_any()
                    }
                    Some(Link::Expired) => {
                        view! {
                            <p class="lead">{say("secure-expired")}</p>
                            <p>{sentence("secure-expired-next", routes::FORGOT_PASSWORD)}</p>
                        }
                            .into_any()
                    }
                    None if is_new => view! { <p class="lead">{say("secure-follow")}</p> }.into_any(),
                    None => ().into_any(),
                }}
                <KeptMailHint />
            </Framed>
        }
        .into_any()
    }
}
