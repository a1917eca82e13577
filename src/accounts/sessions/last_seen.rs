//! When sessions were last seen: written to the store at the first request, and then once a minute instead of at every
//! request.

use std::time::Duration;

use quick_cache::sync::Cache;
use time::OffsetDateTime;

use crate::{
    accounts::{core::accounts::Accounts, sessions::session::SessionKey},
    domain::CustomerId,
};

/// The minimum time between two writes for one session.
const SPACING: Duration = Duration::from_mins(1);
/// The number of sessions that this instance remembers.
const REMEMBERED: usize = 10_000;

/// When this instance saw a session.
#[derive(Clone, Copy)]
struct Sighting {
    /// The time that was last written to the store.
    noted_at: OffsetDateTime,
    seen_at: OffsetDateTime,
}

/// When this instance saw each session, and what it wrote to the store.
pub struct LastSeen(Cache<SessionKey, Sighting>);

impl Default for LastSeen {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl LastSeen {
    /// Remembers that a request used the session. Returns true if that has to be written to the store.
    fn see(&self, key: SessionKey, now: OffsetDateTime) -> bool {
        let noted = self.0.get(&key).filter(|last| now < last.noted_at + SPACING);
        let noted_at = noted.map_or(now, |last| last.noted_at);
        self.0.insert(key, Sighting { noted_at, seen_at: now });
        noted.is_none()
    }

    /// Returns the sessions of a customer that were seen since they were last written to the store, and when. Marks
    /// them as written.
    fn take_unnoted(&self, customer: CustomerId) -> Vec<(SessionKey, OffsetDateTime)> {
        let last_seen =
            self.0.iter().filter(|(key, sighting)| key.customer == customer && sighting.seen_at > sighting.noted_at);
        let unnoted: Vec<_> = last_seen.map(|(key, sighting)| (key, sighting.seen_at)).collect();
        for (key, seen_at) in &unnoted {
            self.0.insert(*key, Sighting { noted_at: *seen_at, seen_at: *seen_at });
        }
        unnoted
    }
}

impl Accounts {
    /// Writes to the store that a request used the session, if that is due. A failure is only logged.
    pub(in crate::accounts) async fn note_sighting(&self, key: SessionKey, now: OffsetDateTime) {
        // Remembered before the store answers, so that only one of several concurrent requests writes.
        if self.last_seen.see(key, now) {
            self.note(key, now).await;
        }
    }

    /// Writes to the store when this instance saw the customer's sessions, so that a store that ends the least recently
    /// used one knows the times to the millisecond. A failure is only logged.
    pub(in crate::accounts) async fn note_sightings_of(&self, customer: CustomerId) {
        for (key, seen_at) in self.last_seen.take_unnoted(customer) {
            if !self.note(key, seen_at).await {
                // Do not wait again for a store that does not answer.
                break;
            }
        }
    }

    /// Writes to the store when the session was seen. Returns true if that succeeded.
    async fn note(&self, key: SessionKey, seen_at: OffsetDateTime) -> bool {
        let noted = self.sessions.touch(key, seen_at).await;
        if let Err(error) = &noted {
            tracing::warn!(error = error as &dyn std::error::Error, "a sighting of a session was not noted");
        }
        noted.is_ok()
    }
}
