//! All metrics with their names, labels and units (Prometheus: "Metric and label naming"). Labels come from closed
//! lists or from the program's own routes. A client cannot add label values.

use std::{
    fs,
    time::{Duration, Instant},
};

use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// The buckets of durations, in seconds: from a cached read to a timeout.
const SECONDS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// How often measurements are aggregated, whether or not they are scraped.
pub const UPKEEP: Duration = Duration::from_secs(5);

/// The recorded metrics.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Installs the recorder of this process.
    ///
    /// # Errors
    /// If a recorder is installed already.
    pub fn install() -> Result<Self, BuildError> {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &SECONDS)?;
        let handle = builder.install_recorder()?;
        describe();
        gauge!("doorstep_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
        Ok(Self(handle))
    }

    /// Returns all metrics in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        if let Some(bytes) = resident_memory() {
            #[expect(clippy::cast_precision_loss, reason = "exact up to 8 PiB")]
            gauge!("process_resident_memory_bytes").set(bytes as f64);
        }
        self.0.render()
    }

    /// Aggregates the measurements. Must be called every [`UPKEEP`].
    pub fn sum_up(&self) {
        self.0.run_upkeep();
    }
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

    describe_counter!("doorstep_http_requests_total", "Requests answered, by route, method and status.");
    describe_histogram!("doorstep_http_request_duration_seconds", Unit::Seconds, "Time until the response head.");
    describe_gauge!("doorstep_http_requests_in_flight", "Requests in flight.");
    describe_gauge!("doorstep_connections", "Open client connections.");
    describe_counter!("doorstep_requests_shed_total", "Requests rejected because too many were in flight.");
    describe_gauge!("doorstep_hasher_waiting", "Passwords being hashed or waiting for a core.");
    describe_counter!("doorstep_hasher_refused_total", "Passwords rejected because the queue was full.");
    describe_histogram!(
        "doorstep_hash_duration_seconds",
        Unit::Seconds,
        "Time to hash a password, including the wait."
    );
    describe_histogram!("doorstep_store_duration_seconds", Unit::Seconds, "Duration of a store operation.");
    describe_counter!("doorstep_store_errors_total", "Store operations that failed or returned unreadable data.");
    describe_counter!("doorstep_sign_ups_total", "Accounts created.");
    describe_counter!("doorstep_logins_total", "Login attempts, by outcome.");
    describe_counter!("doorstep_refreshes_total", "Refresh tokens presented, by outcome.");
    describe_counter!("doorstep_mails_total", "Mail delivery attempts, by outcome.");
    describe_counter!("doorstep_background_restarts_total", "Restarts of failed background tasks, by task.");
    describe_counter!(
        "doorstep_log_lines_dropped_total",
        "Log lines dropped because they could not be written in time, or at all."
    );
    describe_gauge!("doorstep_build_info", "Always 1; labels name the running version.");
    describe_gauge!("process_resident_memory_bytes", Unit::Bytes, "Resident memory of this process.");
}

/// Returns the resident memory of this process in bytes on Linux, and `None` on other systems.
fn resident_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(kibibytes.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// A guard that increments a gauge and decrements it when dropped.
pub struct Counted(&'static str);

impl Counted {
    /// Counts a request that is being processed.
    #[must_use]
    pub fn request() -> Self {
        Self::one_of("doorstep_http_requests_in_flight")
    }

    /// Counts an open connection.
    #[must_use]
    pub fn connection() -> Self {
        Self::one_of("doorstep_connections")
    }

    /// Counts a password that is being hashed or waits for it.
    #[must_use]
    pub fn password() -> Self {
        Self::one_of("doorstep_hasher_waiting")
    }

    fn one_of(name: &'static str) -> Self {
        gauge!(name).increment(1);
        Self(name)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        gauge!(self.0).decrement(1);
    }
}

/// Counts a completed request. `route` and `method` come from the program, not from the client.
pub fn answered(route: &str, method: &'static str, status: u16, took: Duration) {
    let (route, status) = (route.to_owned(), status.to_string());
    counter!("doorstep_http_requests_total", "route" => route.clone(), "method" => method, "status" => status)
        .increment(1);
    histogram!("doorstep_http_request_duration_seconds", "route" => route, "method" => method).record(took);
}

/// Counts a request that was rejected because of overload.
pub fn shed() {
    counter!("doorstep_requests_shed_total").increment(1);
}

/// Records the duration of hashing or verifying a password.
pub fn hashed(took: Duration) {
    histogram!("doorstep_hash_duration_seconds").record(took);
}

/// Counts a password that was rejected because the queue was full.
pub fn hasher_refused() {
    counter!("doorstep_hasher_refused_total").increment(1);
}

/// Measures the duration of a store operation. An operation whose caller is cancelled is not recorded.
pub struct StoreTimer {
    store: &'static str,
    operation: &'static str,
    begun: Instant,
}

impl StoreTimer {
    #[must_use]
    pub fn start(store: &'static str, operation: &'static str) -> Self {
        Self { store, operation, begun: Instant::now() }
    }

    /// Records the result of the operation.
    pub fn stop(self, failed: bool) {
        let Self { store, operation, begun } = self;
        histogram!("doorstep_store_duration_seconds", "store" => store, "operation" => operation)
            .record(begun.elapsed());
        if failed {
            counter!("doorstep_store_errors_total", "store" => store, "operation" => operation).increment(1);
        }
    }
}

/// Counts a new account.
pub fn signed_up() {
    counter!("doorstep_sign_ups_total").increment(1);
}

/// The outcome of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogIn {
    Succeeded,
    WrongCredentials,
    TooMany,
    /// A store or the hasher did not answer, or there was an internal error.
    Failed,
}

/// Counts a login.
pub fn log_in(outcome: LogIn) {
    let outcome = match outcome {
        LogIn::Succeeded => "succeeded",
        LogIn::WrongCredentials => "wrong_credentials",
        LogIn::TooMany => "too_many",
        LogIn::Failed => "failed",
    };
    counter!("doorstep_logins_total", "outcome" => outcome).increment(1);
}

/// The outcome of using a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    Rotated,
    /// Used again within the grace period. The response has the same successor.
    Repeated,
    /// Already used, and not repeated within the grace period: the token was probably copied.
    Reused,
    /// The session does not exist or has ended.
    Gone,
}

/// Counts a use of a refresh token.
pub fn refresh(outcome: Refresh) {
    let outcome = match outcome {
        Refresh::Rotated => "rotated",
        Refresh::Repeated => "repeated",
        Refresh::Reused => "reused",
        Refresh::Gone => "gone",
    };
    counter!("doorstep_refreshes_total", "outcome" => outcome).increment(1);
}

/// The outcome of a delivery attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mail {
    Sent,
    /// Will be retried later.
    PutOff,
    GivenUp,
}

/// Counts a delivery attempt.
pub fn mail(outcome: Mail) {
    let outcome = match outcome {
        Mail::Sent => "sent",
        Mail::PutOff => "put_off",
        Mail::GivenUp => "given_up",
    };
    counter!("doorstep_mails_total", "outcome" => outcome).increment(1);
}

/// Counts a restart of a background task that failed.
pub fn background_restart(task: &'static str) {
    counter!("doorstep_background_restarts_total", "task" => task).increment(1);
}

/// Counts a log line that was dropped: its reader is too slow, or it cannot be written.
pub fn log_line_dropped() {
    counter!("doorstep_log_lines_dropped_total").increment(1);
}
