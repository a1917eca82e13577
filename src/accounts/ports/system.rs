//! The system: its clock and its random generator.

use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;

/// The system clock.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Returns the current time in UTC, to the millisecond: no store keeps more.
    fn now(&self) -> OffsetDateTime;

    /// Waits for this duration.
    async fn wait(&self, time: Duration);
}

/// The system's random generator.
pub trait Randomness: Send + Sync {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}
