//! `/dev/mail`

use leptos::prelude::*;

use crate::{
    accounts::{Error, ports::WrittenMail},
    ui::{
        components::{EmptyState, Framed, List, ListItem},
        routes,
        say::{fill, say},
    },
    web::{access::Access, page::Page, page_visit::PageVisit, query::NoQuery},
};

/// The development mailbox: mails that are kept instead of sent.
pub struct DevMailbox;

impl Page for DevMailbox {
    const PATH: &'static str = routes::DEV_MAIL;
    const ACCESS: Access = Access::Developer;
    type Query = NoQuery;
    type Data = Vec<WrittenMail>;

    async fn load(visit: &PageVisit, _: NoQuery) -> Result<Vec<WrittenMail>, Error> {
        Ok(visit.state().dev_mailbox.as_ref().ok_or(Error::NotFound)?.latest().await?)
    }

    fn view(mails: Vec<WrittenMail>) -> AnyView {
        view! {
            <Framed title=say("dev-mail-title")>
                <p class="lead">{say("dev-mail-lead")}</p>
                {if mails.is_empty() {
                    view! { <EmptyState title=say("dev-mail-none") lead=say("dev-mail-none-lead") /> }.into_any()
                } else {
                    view! { <List ordered=true>{mails.into_iter().map(|mail| view! { <Mail mail /> }).collect_view()}</List> }
                        .into_any()
                }}
            </Framed>
        }
        .into_any()
    }
}

#[component]
fn Mail(mail: WrittenMail) -> impl IntoView {
    view! {
        <ListItem title=mail.subject>
            <p>{fill("dev-mail-to", &[("email", mail.to.as_str().into())])}</p>
            <pre>{mail.text.split_inclusive(char::is_whitespace).map(word).collect_view()}</pre>
        </ListItem>
    }
}

/// Renders a word of a mail with the space after it. A URL becomes a link, as in mail programs.
fn word(text: &str) -> AnyView {
    let word = text.trim_end();
    if word.starts_with("http://") || word.starts_with("https://") {
        let space = text[word.len()..].to_owned();
        view! { <a href=word.to_owned()>{word.to_owned()}</a>{space} }.into_any()
    } else {
        text.to_owned().into_any()
    }
}
