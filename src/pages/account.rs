//! `/account`

use leptos::prelude::*;

use crate::{
    accounts::{Error, timestamp},
    api::{ActivityBody, CustomerBody, SessionBody},
    domain::Customer,
    ui::{
        Frame, Mailing,
        components::{Alert, Card, Day, Framed, Layout, Minute, Section},
        routes,
        say::{event, fill, say, sentence, words},
    },
    web::{
        access::Access,
        bodies,
        page::Page,
        page_visit::{PageVisit, SignedIn},
        query::NoQuery,
    },
};

/// The number of devices and activities on this page.
const LATEST: usize = 3;

/// An overview: the customer's details, devices and recent activity.
pub struct Account;

#[derive(Clone)]
pub struct Overview {
    customer: CustomerBody,
    is_verified: bool,
    /// The current device first.
    devices: Vec<SessionBody>,
    activities: Vec<ActivityBody>,
    password: PasswordAge,
}

/// When a customer last set their password.
#[derive(Clone)]
enum PasswordAge {
    Unknown,
    /// The password is the one that the account was created with.
    NeverChanged,
    /// RFC 3339.
    ChangedAt(String),
}

impl PasswordAge {
    fn of(customer: &Customer) -> Self {
        match customer.password_changed_at {
            None => Self::Unknown,
            Some(at) if at == customer.created_at => Self::NeverChanged,
            Some(at) => Self::ChangedAt(timestamp(at)),
        }
    }
}

impl Page for Account {
    const PATH: &'static str = routes::ACCOUNT;
    const ACCESS: Access = Access::SignedIn;
    type Query = NoQuery;
    type Data = Overview;

    async fn load(visit: &PageVisit, _: NoQuery) -> Result<Overview, Error> {
        let SignedIn { identity, customer } = visit.require_customer()?;
        let sessions = visit.state().accounts.sessions_of(*identity).await?;
        let mut devices = bodies::session_bodies(*identity, &sessions);
        devices.sort_by_key(|device| !device.current);
        let activities = visit.state().accounts.activities(*identity, LATEST).await?;
        Ok(Overview {
            customer: bodies::customer_body(customer),
            is_verified: customer.verified,
            devices,
            activities: bodies::activity_bodies(activities),
            password: PasswordAge::of(customer),
        })
    }

    fn view(Overview { customer, is_verified, devices, activities, password }: Overview) -> AnyView {
        let sends_mail = Frame::current().mailing != Mailing::None;
        let lead = fill("account-lead", &[("name", customer.name.as_str().into())]);
        view! {
            <Framed title=say("account-title") layout=Layout::Account(Section::Overview)>
                <p class="lead">{lead}</p>
                {(!is_verified && sends_mail)
                    .then(|| view! { <Alert>{sentence("account-verify", routes::VERIFY_EMAIL)}</Alert> })}
                <div class="cards">
                    <Profile customer verified=sends_mail.then_some(is_verified) />
                    <Devices devices />
                    <Password password />
                    <Latest activities />
                </div>
            </Framed>
        }
        .into_any()
    }
}

/// The customer's details. `verified` is true if their address is verified, and `None` if the shop sends no mail.
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
