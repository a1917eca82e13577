//! The system clock. No other module reads it.

use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::accounts::ports::Clock;

/// The time of the system clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        #[expect(clippy::disallowed_methods, reason = "this is the port's implementation")]
        let now = OffsetDateTime::now_utc();
        // Stores keep milliseconds, so a time that is read back equals the one that was written.
        now.replace_millisecond(now.millisecond()).unwrap_or(now)
    }

    async fn wait(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
