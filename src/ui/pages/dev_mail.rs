//! `/dev/mail`

use leptos::prelude::*;

use crate::ui::{KeptMailBody, PageContext, components::Page};

/// Mail that is kept in the place of being sent, for whoever tries the program out on their own machine.
#[component]
pub fn DevMailPage() -> impl IntoView {
    let mails = PageContext::current().kept_mail.unwrap_or_default();
    let is_empty = mails.is_empty();
    view! {
        <Page title="Mail">
            <p class="lead">
                "No mail server is configured, so mail is shown here and sent to nobody. The latest 50 are kept."
            </p>
            {is_empty.then(|| view! { <p>"There is none yet. Reload the page when something has happened."</p> })}
            <ol class="devices">{mails.into_iter().map(|mail| view! { <Mail mail /> }).collect_view()}</ol>
        </Page>
    }
}

#[component]
fn Mail(mail: KeptMailBody) -> impl IntoView {
    view! {
        <li>
            <h2>{mail.subject}</h2>
            <p>"To " {mail.to}</p>
            <pre>{mail.text.split_inclusive(char::is_whitespace).map(word).collect_view()}</pre>
        </li>
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
