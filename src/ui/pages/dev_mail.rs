//! `/dev/mail`

use leptos::prelude::*;

use crate::ui::{
    KeptMailBody, PageContext,
    components::{EmptyState, List, ListItem, Page},
    say::{fill, say},
};

/// Mail that is kept in the place of being sent, for whoever tries the program out on their own machine.
#[component]
pub fn DevMailPage() -> impl IntoView {
    let mails = PageContext::current().kept_mail.unwrap_or_default();
    view! {
        <Page title=say("dev-mail-title")>
            <p class="lead">{say("dev-mail-lead")}</p>
            {if mails.is_empty() {
                view! { <EmptyState title=say("dev-mail-none") lead=say("dev-mail-none-lead") /> }.into_any()
            } else {
                view! { <List ordered=true>{mails.into_iter().map(|mail| view! { <Mail mail /> }).collect_view()}</List> }
                    .into_any()
            }}
        </Page>
    }
}

#[component]
fn Mail(mail: KeptMailBody) -> impl IntoView {
    view! {
        <ListItem title=mail.subject>
            <p>{fill("dev-mail-to", &[("email", mail.to.into())])}</p>
            <pre>{mail.text.split_inclusive(char::is_whitespace).map(word).collect_view()}</pre>
        </ListItem>
    }
}

/// A word of a mail, with the space after it; an address becomes a link, as it does for readers of mail.
fn word(text: &str) -> AnyView {
    let word = text.trim_end();
    if word.starts_with("http://") || word.starts_with("https://") {
        let space = text[word.len()..].to_owned();
        view! { <a href=word.to_owned()>{word.to_owned()}</a>{space} }.into_any()
    } else {
        text.to_owned().into_any()
    }
}
