//! Replacements for the clock and the disk in tests.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

use async_trait::async_trait;
use doorstep::accounts::ports::Clock;
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

/// Creates a folder for a store, in memory if possible: each commit is synced, and a test must not depend on the load
/// of the disk.
pub fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Creates a certificate for a server on this machine and its key, in one file of `folder`.
///
/// # Panics
/// If OpenSSL fails.
pub fn certificate(folder: &Path) -> PathBuf {
    let [key, certificate, both] = ["key", "certificate", "both"].map(|name| folder.join(name));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=mail"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    std::fs::write(&both, [std::fs::read(&key).unwrap(), std::fs::read(&certificate).unwrap()].concat()).unwrap();
    both
}

/// Retries until the answer is true, with a pause between two attempts.
///
/// # Panics
/// With `missing` in the message, if that takes longer than `bound`.
pub async fn eventually(bound: std::time::Duration, missing: &str, mut ask: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !ask().await {
        assert!(started.elapsed() < bound, "{missing}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// A clock that only advances when it is told to.
pub struct FakeClock {
    /// Milliseconds since 1970.
    now: AtomicI64,
    /// The total delay of callers, in milliseconds.
    waited: AtomicI64,
}

impl FakeClock {
    /// Starts at the real time, so that deadlines which servers measure by their own clocks match those of the test.
    pub fn new() -> Self {
        let now = AtomicI64::new(milliseconds(doorstep::adapters::clock::SystemClock.now()));
        Self { now, waited: AtomicI64::new(0) }
    }

    pub fn advance(&self, by: Duration) {
        self.now.fetch_add(i64::try_from(by.whole_milliseconds()).unwrap(), Ordering::SeqCst);
    }

    /// Returns the total delay of callers so far.
    pub fn waited(&self) -> Duration {
        Duration::milliseconds(self.waited.load(Ordering::SeqCst))
    }
}

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.now.load(Ordering::SeqCst)) * 1_000_000).unwrap()
    }

    /// Returns at once: only the test advances the time.
    async fn wait(&self, time: std::time::Duration) {
        self.waited.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

fn milliseconds(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap()
}
