//! `/account/sessions`

use leptos::prelude::*;

use crate::{
    accounts::Error,
    api::SessionBody,
    domain::LocalPath,
    endpoints::{RevokeOtherSessions, RevokeSession},
    ui::{
        FormState,
        components::{ConfirmDialog, Day, EmptyState, Framed, Layout, List, ListItem, Minute, Outcome, Section},
        routes,
        say::{fill, say, sentence, words},
    },
    web::{access::Access, bodies, endpoint::Endpoint, page::Page, page_visit::PageVisit, query::NoQuery},
};

/// The dialog that asks for confirmation before all other devices are logged out.
const DIALOG: &str = "sign-out-others";

/// The customer's devices, which they can log out. Plain forms, which need no scripts.
pub struct Devices;

#[derive(Clone)]
pub struct DeviceList {
    /// The current device first, then the others by their last use.
    devices: Vec<SessionBody>,
    /// True if the customer entered the password a short time ago.
    confirmed: bool,
    form: Option<FormState>,
}

impl Page for Devices {
    const PATH: &'static str = routes::DEVICES;
    const ACCESS: Access = Access::SignedIn;
    type Query = NoQuery;
    type Data = DeviceList;

    async fn load(visit: &PageVisit, _: NoQuery) -> Result<DeviceList, Error> {
        let identity = visit.require_customer()?.identity;
        let mut devices = bodies::session_bodies(identity, &visit.state().accounts.sessions_of(identity).await?);
        devices.sort_by_key(|device| !device.current);
        let confirmed = visit.state().accounts.has_recent_proof(identity).await?;
        Ok(DeviceList { devices, confirmed, form: visit.form.clone() })
    }

    fn view(DeviceList { devices, confirmed, form }: DeviceList) -> AnyView {
        let others = devices.iter().any(|device| !device.current);
        let confirm = routes::with_next(routes::CONFIRM, LocalPath::parse(routes::DEVICES).as_ref());
        view! {
            <Framed title=say("devices-title") layout=Layout::Account(Section::Devices)>
                <Outcome form />
                <p class="lead">{say("devices-lead")}</p>
                {(others && !confirmed).then(|| view! { <p>{sentence("devices-confirm", &confirm)}</p> })}
                <List>{devices.into_iter().map(|device| view! { <Device device confirmed /> }).collect_view()}</List>
                {(!others).then(|| view! { <EmptyState title=say("devices-only") lead=say("devices-only-lead") /> })}
                {(others && confirmed).then(|| view! { <SignOutOthers /> })}
            </Framed>
        }
        .into_any()
    }
}

/// A device, with its logout button if that is allowed.
#[component]
fn Device(device: SessionBody, confirmed: bool) -> impl IntoView {
    let SessionBody { id, device: system, browser, address, created_at, last_seen_at, current } = device;
    let name = words().device(&browser, &system);
    let from = fill("devices-from", &[("address", address.into())]);
    let label = fill("devices-sign-out-label", &[("device", name.as_str().into())]);
    let badge = if current { say("devices-this") } else { String::new() };
    let sign_out = move || {
        (confirmed && !current).then(|| {
            view! {
                <form method="post" action=RevokeSession::PATH>
                    <input type="hidden" name="session" value=id.clone() />
                    <button class="button quiet small" type="submit" aria-label=label.clone() data-busy=say("signing-out")>
                        {say("devices-sign-out")}
                    </button>
                </form>
            }
        })
    };
    view! {
        <ListItem title=name badge=badge action=sign_out>
            <p>
                {(!current).then(|| view! { {say("devices-last-seen")} " " <Minute at=last_seen_at /> " · " })} {from} " · "
                {say("devices-since")} " " <Day at=created_at />
            </p>
        </ListItem>
    }
}

/// The button that logs out all other devices. It asks for confirmation, except without scripts.
#[component]
fn SignOutOthers() -> impl IntoView {
    view! {
        <form method="post" action=RevokeOtherSessions::PATH data-confirm=DIALOG>
            <button class="button quiet" type="submit" data-busy=say("signing-out")>{say("devices-sign-out-others")}</button>
        </form>
        <ConfirmDialog
            id=DIALOG
            title=say("devices-sign-out-others-title")
            lead=say("devices-sign-out-others-lead")
            action=RevokeOtherSessions::PATH
            yes=say("devices-sign-out-others-yes")
            busy=say("signing-out")
        />
    }
}
