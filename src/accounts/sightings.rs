//! When a session was last seen, noted at its first request, and then once a minute instead of at every request.

use std::time::Duration;

use quick_cache::sync::Cache;
use time::OffsetDateTime;

use super::{Accounts, SessionKey};
use crate::domain::CustomerId;

/// How far apart two notes of one session are.
const SPACING: Duration = Duration::from_mins(1);
/// For how many sessions this instance remembers when they were seen.
const REMEMBERED: usize = 10_000;

/// What this instance has seen of a session.
#[derive(Clone, Copy)]
struct Sighting {
    /// What the store was told last.
    noted_at: OffsetDateTime,
    seen_at: OffsetDateTime,
}

/// What this instance has seen, and noted in the store.
pub struct Sightings(Cache<SessionKey, Sighting>);

impl Default for Sightings {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl Sightings {
    /// Remembers that a request came by the session, and returns true if that is due to be noted.
    fn see(&self, key: SessionKey, now: OffsetDateTime) -> bool {
        let noted = self.0.get(&key).filter(|last| now < last.noted_at + SPACING);
        let noted_at = noted.map_or(now, |last| last.noted_at);
        self.0.insert(key, Sighting { noted_at, seen_at: now });
        noted.is_none()
    }

    /// Returns the sessions of a customer that were seen since they were noted, and when, and counts them as noted.
    fn take_unnoted(&self, customer: CustomerId) -> Vec<(SessionKey, OffsetDateTime)> {
        let sightings =
            self.0.iter().filter(|(key, sighting)| key.customer == customer && sighting.seen_at > sighting.noted_at);
        let unnoted: Vec<_> = sightings.map(|(key, sighting)| (key, sighting.seen_at)).collect();
        for (key, seen_at) in &unnoted {
            self.0.insert(*key, Sighting { noted_at: *seen_at, seen_at: *seen_at });
        }
        unnoted
    }
}

impl Accounts {
    /// Notes that a request came by the session, when that is due. Nobody is kept out when it fails.
    pub(super) async fn note_sighting(&self, key: SessionKey, now: OffsetDateTime) {
        // Remembered before the store answers: of several requests at once, one makes the note.
        if self.sightings.see(key, now) {
            self.note(key, now).await;
        }
    }

    /// Notes all that this instance has seen of a customer's sessions, so that a store which ends the one that was used
    /// longest ago knows it to the millisecond. Nobody is kept out when it fails.
    pub(super) async fn note_sightings_of(&self, customer: CustomerId) {
        for (key, seen_at) in self.sightings.take_unnoted(customer) {
            if !self.note(key, seen_at).await {
                // A store that does not answer is not waited for again.
                break;
            }
        }
    }

    /// Returns true if the store has noted it.
    async fn note(&self, key: SessionKey, seen_at: OffsetDateTime) -> bool {
        let noted = self.sessions.touch(key, seen_at).await;
        if let Err(error) = &noted {
            tracing::warn!(error = error as &dyn std::error::Error, "a sighting of a session was not noted");
        }
        noted.is_ok()
    }
}
