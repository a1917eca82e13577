//! The attempts that a limit has counted, and when the next one is allowed.

use super::duration_millis;
use crate::accounts::ports::{Limit, TIMEOUT};

/// The attempts in a window. Times are milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub used: u32,
    /// When the last attempt is due.
    pub last_at: i64,
    /// When the window ends.
    pub expires_at: i64,
}

impl Counted {
    /// Returns an empty count whose window begins now.
    pub fn nothing(limit: Limit, now: i64) -> Self {
        Self { used: 0, last_at: 0, expires_at: now.saturating_add(duration_millis(limit.window)) }
    }

    /// Corrects times that are too far in the future because the clock was set back. Otherwise callers would wait until
    /// the clock reaches them again.
    pub fn possible(self, limit: Limit, now: i64) -> Self {
        let last_at = if self.last_at - now > duration_millis(TIMEOUT) { now } else { self.last_at };
        let expires_at = self.expires_at.min(Self::nothing(limit, now).expires_at);
        Self { last_at, expires_at, ..self }
    }

    /// Returns when the next attempt is due.
    ///
    /// # Errors
    /// The number of milliseconds until an attempt is allowed.
    pub fn next_turn(&self, limit: Limit, now: i64) -> Result<i64, i64> {
        let Some(step) = limit.steps().iter().find(|step| self.used < step.below) else {
            return Err(self.expires_at - now);
        };
        let turn = now.max(self.last_at.saturating_add(duration_millis(step.delay)).min(self.expires_at));
        if turn - now > duration_millis(TIMEOUT) { Err(turn - now) } else { Ok(turn) }
    }
}
