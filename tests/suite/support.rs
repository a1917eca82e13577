//! What tests hand to the application in the place of time, and of a disk.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

use async_trait::async_trait;
use doorstep::accounts::ports::Clock;
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

/// A folder for a store, in memory where the system has such a place: each commit is synced, and a test is no test of
/// how busy the disk is.
pub fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Asks until the answer is yes, and leaves whoever has to bring that about the time between two questions.
///
/// # Panics
/// With what is `missing` when that takes longer than `bound`.
pub async fn eventually(bound: std::time::Duration, missing: &str, mut ask: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !ask().await {
        assert!(started.elapsed() < bound, "{missing}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

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

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0.load(Ordering::SeqCst)) * 1_000_000).unwrap()
    }

    /// Returns at once: whether time passes is the test's to say.
    async fn wait(&self, _: std::time::Duration) {}
}

fn milliseconds(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap()
}
