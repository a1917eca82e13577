//! What tests hand to the application in the place of time.

use std::sync::atomic::{AtomicI64, Ordering};

use doorstep::accounts::ports::Clock;
use time::{Duration, OffsetDateTime};

/// A clock that stands until it is turned.
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// Starts at the real time, so that deadlines which a server keeps by its own clock lie where the test thinks.
    pub fn new() -> Self {
        Self(AtomicI64::new(milliseconds(doorstep::adapters::clock::SystemClock.now())))
    }

    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.whole_milliseconds()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0.load(Ordering::SeqCst)) * 1_000_000).unwrap()
    }
}

fn milliseconds(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap()
}
