//! When a session was last seen, noted once a minute and not at every request.

use std::time::Duration;

use quick_cache::sync::Cache;
use time::OffsetDateTime;

use super::{Accounts, SessionKey};

/// How far apart two notes of one session are.
const SPACING: Duration = Duration::from_mins(1);
/// For how many sessions this instance remembers its last note.
const REMEMBERED: usize = 10_000;

/// What this instance has noted.
pub struct Sightings(Cache<SessionKey, OffsetDateTime>);

impl Default for Sightings {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl Sightings {
    /// Remembers a note that was made.
    pub(super) fn remember(&self, key: SessionKey, now: OffsetDateTime) {
        self.0.insert(key, now);
    }

    fn is_due(&self, key: SessionKey, now: OffsetDateTime) -> bool {
        self.0.get(&key).is_none_or(|noted| now >= noted + SPACING)
    }
}

impl Accounts {
    /// Notes that a request came by the session, when that is due. Nobody is kept out when it fails.
    pub(super) async fn note_sighting(&self, key: SessionKey, now: OffsetDateTime) {
        if !self.sightings.is_due(key, now) {
            return;
        }
        // Before the store answers: of several requests at once, one makes the note.
        self.sightings.remember(key, now);
        if let Err(error) = self.sessions.touch(key, now).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a sighting of a session was not noted");
        }
    }
}
