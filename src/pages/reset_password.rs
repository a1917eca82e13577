//! `/reset-password`

use leptos::prelude::*;

use crate::{
    accounts::Error,
    domain::Field,
    endpoints::ResetPassword,
    ui::{
        FormState,
        components::{Framed, Layout, Outcome, PasswordField, PasswordWords, SubmitButton},
        routes,
        say::{fault_of, say, sentence},
    },
    web::{access::Access, endpoint::Endpoint, page::Page, page_visit::PageVisit, query::LinkQuery},
};

/// The target of a reset link, with the form for a new password. Opening it does not use up the link, because mail
/// scanners follow links. A plain form, which needs no scripts.
pub struct ChooseNewPassword;

#[derive(Clone)]
pub struct Reset {
    token: Option<String>,
    form: Option<FormState>,
}

impl Page for ChooseNewPassword {
    const PATH: &'static str = routes::RESET_PASSWORD;
    const ACCESS: Access = Access::Anyone;
    type Query = LinkQuery;
    type Data = Reset;

    async fn load(visit: &PageVisit, query: LinkQuery) -> Result<Reset, Error> {
        Ok(Reset { token: query.token, form: visit.form.clone() })
    }

    fn view(Reset { token, form }: Reset) -> AnyView {
        let error = fault_of(form.as_ref(), Field::Password);
        let is_done = form.as_ref().is_some_and(|form| form.sent.error.is_none());
        view! {
            <Framed title=say("reset-title") layout=Layout::Door>
                <Outcome form />
                {match token {
                    Some(token) => {
                        view! {
                            <form method="post" action=ResetPassword::PATH novalidate>
                                <input type="hidden" name="token" value=token />
                                <PasswordField
                                    label=say("field-new-password")
                                    words=PasswordWords::new(say)
                                    is_new=true
                                    hint=say("reset-hint")
                                    error
                                />
                                <SubmitButton label=say("security-button") busy_label=say("security-busy") />
                            </form>
                        }
                            .into_any()
                    }
                    _ if is_done => {
                        view! { <p class="aside"><a href=routes::LOG_IN>{say("reset-log-in")}</a></p> }.into_any()
                    }
                    None => {
                        view! {
                            <p class="aside">{sentence("reset-follow", routes::FORGOT_PASSWORD)}</p>
                            <p class="aside">{sentence("reset-done-before", routes::LOG_IN)}</p>
                        }
                            .into_any()
                    }
                }}
            </Framed>
        }
        .into_any()
    }
}
