//! `/account`

use leptos::prelude::*;

use crate::ui::{Mailing, PageContext, components::Page, routes, words};

/// What the shop knows of the customer who is signed in. Nobody else gets here.
#[component]
pub fn AccountPage() -> impl IntoView {
    let PageContext { customer, unverified, mailing, .. } = PageContext::current();
    customer.map(|customer| {
        let since = words::day(&customer.created_at);
        view! {
            <Page title="Your account">
                {(unverified && mailing != Mailing::None)
                    .then(|| view! {
                        <p class="notice">
                            "Please " <a href=routes::VERIFY_EMAIL>"verify your email address"</a>
                            ", so that you can get back in should you ever forget your password."
                        </p>
                    })}
                <dl class="details">
                    <dt>"Name"</dt>
                    <dd>{customer.name}</dd>
                    <dt>"Email address"</dt>
                    <dd>{customer.email}</dd>
                    <dt>"Customer since"</dt>
                    <dd><time datetime=customer.created_at>{since}</time></dd>
                </dl>
                <ul class="ways">
                    <li><a href=routes::DEVICES>"Your devices"</a>" Where you are signed in, and how to sign out there"</li>
                    <li><a href=routes::ACTIVITY>"Activity"</a>" What happened to your account"</li>
                    <li><a href=routes::EMAIL>"Email address"</a>" Change it"</li>
                    <li><a href=routes::SECURITY>"Security"</a>" Change your password"</li>
                </ul>
            </Page>
        }
    })
}
