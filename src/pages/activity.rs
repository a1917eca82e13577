//! `/account/activity`

use leptos::prelude::*;

use crate::{
    accounts::{Error, ports::MOST_ACTIVITIES},
    api::ActivityBody,
    ui::{
        components::{EmptyState, Framed, Layout, List, ListItem, Minute, Section},
        routes,
        say::{event, fill, say, sentence, words},
    },
    web::{access::Access, bodies, page::Page, page_visit::PageVisit, query::NoQuery},
};

/// The recent events of the account, so that the customer can detect a misuse.
pub struct RecentActivity;

impl Page for RecentActivity {
    const PATH: &'static str = routes::ACTIVITY;
    const ACCESS: Access = Access::SignedIn;
    type Query = NoQuery;
    type Data = Vec<ActivityBody>;

    async fn load(visit: &PageVisit, _: NoQuery) -> Result<Vec<ActivityBody>, Error> {
        let identity = visit.require_customer()?.identity;
        Ok(bodies::activity_bodies(visit.state().accounts.activities(identity, MOST_ACTIVITIES).await?))
    }

    fn view(activities: Vec<ActivityBody>) -> AnyView {
        view! {
            <Framed title=say("activity-title") layout=Layout::Account(Section::Activity)>
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
            </Framed>
        }
        .into_any()
    }
}

/// An event.
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
