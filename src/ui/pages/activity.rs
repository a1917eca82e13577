//! `/account/activity`

use leptos::prelude::*;

use crate::{
    api::ActivityBody,
    ui::{
        PageContext,
        components::{EmptyState, Layout, List, ListItem, Minute, Page, Section},
        routes,
        say::{event, fill, say, sentence, words},
    },
};

/// What happened to the account, for the customer to recognise, or not.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let activities = PageContext::current().activities;
    view! {
        <Page title=say("activity-title") layout=Layout::Account(Section::Activity)>
            <p class="lead">{sentence("activity-lead", routes::SECURITY)}</p>
            {if activities.is_empty() {
                view! { <EmptyState title=say("activity-none") lead=say("activity-none-lead") /> }.into_any()
            } else {
                view! {
                    <List ordered=true>
                        {activities.into_iter().map(|activity| view! { <Entry activity /> }).collect_view()}
                    </List>
                }
                    .into_any()
            }}
        </Page>
    }
}

/// One thing that happened.
#[component]
fn Entry(activity: ActivityBody) -> impl IntoView {
    let ActivityBody { event: what, at, count, device, browser, address } = activity;
    let from = (!address.is_empty()).then(|| {
        let from = fill("devices-from", &[("address", address.into())]);
        format!(" · {} · {from}", words().device(&browser, &device))
    });
    view! {
        <ListItem title=event(what, count)>
            <p><Minute at /> {from}</p>
        </ListItem>
    }
}
