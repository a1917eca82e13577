//! `/account/sessions`

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{RevokeOtherSessions, RevokeSession, SessionBody},
    domain::LocalPath,
    ui::{
        PageContext,
        components::{Outcome, Page},
        routes, words,
    },
};

/// Where the customer is signed in, and the way to end it. Plain forms: they need no scripts.
#[component]
pub fn DevicesPage() -> impl IntoView {
    let PageContext { devices, confirmed, form, .. } = PageContext::current();
    let others = devices.iter().any(|device| !device.current);
    let here = LocalPath::parse(routes::DEVICES);
    view! {
        <Page title="Your devices">
            <Outcome form />
            <p class="lead">"You are signed in on these. End what you do not recognise, then change your password."</p>
            {(others && !confirmed)
                .then(|| view! {
                    <p>
                        "To sign out other devices, "
                        <a href=routes::with_next(routes::CONFIRM, here.as_ref())>"confirm your password first"</a> "."
                    </p>
                })}
            <ul class="devices">
                {devices.into_iter().map(|device| view! { <Device device confirmed /> }).collect_view()}
            </ul>
            {(others && confirmed)
                .then(|| view! {
                    <form method="post" action=RevokeOtherSessions::PATH>
                        <button class="button quiet" type="submit">"Sign out all other devices"</button>
                    </form>
                })}
        </Page>
    }
}

/// One device, with the button that signs it out where that may be done.
#[component]
fn Device(device: SessionBody, confirmed: bool) -> impl IntoView {
    let name = words::device(&device.browser, &device.device);
    let seen = words::minute(&device.last_seen_at);
    let since = words::day(&device.created_at);
    view! {
        <li>
            <h2>{name.clone()}</h2>
            <p>
                {if device.current {
                    view! { <strong>"This device"</strong> }.into_any()
                } else {
                    view! { "Last seen " <time datetime=device.last_seen_at>{seen}</time> }.into_any()
                }} " · from " {device.address} " · since " <time datetime=device.created_at>{since}</time>
            </p>
            {(confirmed && !device.current)
                .then(|| view! {
                    <form method="post" action=RevokeSession::PATH>
                        <input type="hidden" name="session" value=device.id />
                        <button class="button quiet small" type="submit" aria-label=format!("Sign out {name}")>
                            "Sign out"
                        </button>
                    </form>
                })}
        </li>
    }
}
