//! `/account`

use leptos::prelude::*;

use crate::{
    api::{ActivityBody, CustomerBody, SessionBody},
    ui::{
        Mailing, PageContext, PasswordAge,
        components::{Alert, Card, Day, Layout, Minute, Page, Section},
        routes,
        say::{event, fill, say, sentence, words},
    },
};

/// How many devices and activities are shown here.
pub const LATEST: usize = 3;

/// All there is to know at a glance: who the customer is to the shop, where they are signed in, and what happened last. Nobody
/// else gets here.
#[component]
pub fn AccountPage() -> impl IntoView {
    let PageContext { customer, unverified, mailing, mut devices, activities, password, .. } = PageContext::current();
    // Of which some are shown: the one at hand among them.
    devices.sort_by_key(|device| !device.current);
    customer.map(|customer| {
        let lead = fill("account-lead", &[("name", customer.name.as_str().into())]);
        view! {
            <Page title=say("account-title") layout=Layout::Account(Section::Overview)>
                <p class="lead">{lead}</p>
                {(unverified && mailing != Mailing::None)
                    .then(|| view! { <Alert>{sentence("account-verify", routes::VERIFY_EMAIL)}</Alert> })}
                <div class="cards">
                    <Profile customer verified=(mailing != Mailing::None).then_some(!unverified) />
                    <Devices devices />
                    <Password password />
                    <Latest activities />
                </div>
            </Page>
        }
    })
}

/// Who the customer is. `verified` says whether their address is; nothing, where nobody can show that.
#[component]
fn Profile(customer: CustomerBody, verified: Option<bool>) -> impl IntoView {
    let badge = verified.map(|verified| {
        let key = if verified { "account-email-verified" } else { "account-email-unverified" };
        view! { <span class="badge" class:good=verified>{say(key)}</span> }
    });
    view! {
        <Card id="profile" title=say("account-profile")>
            <dl class="details">
                <dt>{say("account-name")}</dt>
                <dd>{customer.name}</dd>
                <dt>{say("account-email")}</dt>
                <dd>{customer.email} " " {badge}</dd>
                <dt>{say("account-since")}</dt>
                <dd><Day at=customer.created_at /></dd>
            </dl>
            <p class="more"><a href=routes::EMAIL>{say("account-change-email")}</a></p>
        </Card>
    }
}

#[component]
fn Devices(devices: Vec<SessionBody>) -> impl IntoView {
    let count = fill("account-devices-count", &[("count", devices.len().into())]);
    let name = |device: &SessionBody| words().device(&device.browser, &device.device);
    let device = move |device: &SessionBody| {
        let badge = device.current.then(|| view! { <span class="badge">{say("devices-this")}</span> });
        view! { <li>{name(device)} " " {badge}</li> }
    };
    view! {
        <Card id="devices" title=say("account-devices")>
            <p>{count}</p>
            <ul class="brief">{devices.iter().take(LATEST).map(device).collect_view()}</ul>
            <p class="more"><a href=routes::DEVICES>{say("account-all-devices")}</a></p>
        </Card>
    }
}

#[component]
fn Password(password: PasswordAge) -> impl IntoView {
    let text = match password {
        PasswordAge::ChangedAt(at) => fill("account-password-changed", &[("day", words().day(&at).into())]),
        PasswordAge::NeverChanged => say("account-password-unchanged"),
        PasswordAge::Unknown => say("account-password-unknown"),
    };
    view! {
        <Card id="password" title=say("account-password")>
            <p>{text}</p>
            <p class="more"><a href=routes::SECURITY>{say("account-change-password")}</a></p>
        </Card>
    }
}

#[component]
fn Latest(activities: Vec<ActivityBody>) -> impl IntoView {
    let entry = |activity: ActivityBody| {
        view! { <li>{event(activity.event, activity.count)} " " <small><Minute at=activity.at /></small></li> }
    };
    view! {
        <Card id="activity" title=say("account-activity")>
            <ul class="brief">{activities.into_iter().take(LATEST).map(entry).collect_view()}</ul>
            <p class="more"><a href=routes::ACTIVITY>{say("account-all-activity")}</a></p>
        </Card>
    }
}
