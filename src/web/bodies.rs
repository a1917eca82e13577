//! What the API writes of what the use cases answer.

use crate::{
    accounts::{Activity, Identity, Session, timestamp},
    api::{ActivityBody, CustomerBody, SessionBody},
    domain::Customer,
};

/// Sessions, as the API writes them, for the one of them that asks.
#[must_use]
pub fn session_bodies(asking: Identity, sessions: &[Session]) -> Vec<SessionBody> {
    sessions.iter().map(|session| session_body(session, session.key == asking.session)).collect()
}

/// A session, as the API writes one.
#[must_use]
pub fn session_body(session: &Session, current: bool) -> SessionBody {
    SessionBody {
        id: session.key.id.to_string(),
        device: session.client.device.system.clone(),
        browser: session.client.device.browser.clone(),
        address: session.client.address.to_canonical().to_string(),
        created_at: timestamp(session.created_at),
        last_seen_at: timestamp(session.last_seen_at),
        current,
    }
}

/// What happened to an account, as the API writes it.
#[must_use]
pub fn activity_bodies(activities: Vec<Activity>) -> Vec<ActivityBody> {
    let body = |activity: Activity| {
        let (device, address) = activity
            .client
            .map_or_else(Default::default, |client| (client.device, client.address.to_canonical().to_string()));
        ActivityBody {
            event: activity.event,
            at: timestamp(activity.at),
            count: activity.count,
            device: device.system,
            browser: device.browser,
            address,
        }
    };
    activities.into_iter().map(body).collect()
}

/// A customer, as the API writes one.
#[must_use]
pub fn customer_body(customer: &Customer) -> CustomerBody {
    CustomerBody {
        id: customer.id.to_string(),
        name: customer.name.as_str().to_owned(),
        email: customer.email.as_str().to_owned(),
        role: customer.role,
        created_at: timestamp(customer.created_at),
        updated_at: timestamp(customer.updated_at),
    }
}
