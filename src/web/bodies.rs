//! Converts results of the use cases to types of the API.

use crate::{
    accounts::{Activity, Identity, Session, timestamp},
    api::{ActivityBody, CustomerBody, SessionBody},
    domain::Customer,
};

/// Returns the sessions as the API represents them, with the caller's own marked as current.
#[must_use]
pub fn session_bodies(asking: Identity, sessions: &[Session]) -> Vec<SessionBody> {
    sessions.iter().map(|session| session_body(session, session.key == asking.session)).collect()
}

/// Returns a session as the API represents it.
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

/// Returns the activities of an account as the API represents them.
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

/// Returns a customer as the API represents it.
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
