//! `/account/activity`

use leptos::prelude::*;

use crate::{
    api::ActivityBody,
    ui::{PageContext, components::Page, routes, words},
};

/// What happened to the account, for the customer to recognise, or not.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let activities = PageContext::current().activities;
    view! {
        <Page title="Activity">
            <p class="lead">
                "Is something here not yours? " <a href=routes::SECURITY>"Change your password"</a>
                ": it signs all other devices out."
            </p>
            <ol class="devices">
                {activities.into_iter().map(|activity| view! { <Entry activity /> }).collect_view()}
            </ol>
        </Page>
    }
}

/// One thing that happened.
#[component]
fn Entry(activity: ActivityBody) -> impl IntoView {
    let what = words::event(activity.event, activity.count);
    let when = words::minute(&activity.at);
    let from = (!activity.address.is_empty())
        .then(|| format!(" · {} · from {}", words::device(&activity.browser, &activity.device), activity.address));
    view! {
        <li>
            <h2>{what}</h2>
            <p><time datetime=activity.at>{when}</time> {from}</p>
        </li>
    }
}
