//! Every metric, by its name, its labels and its unit (Prometheus: "Metric and label naming"). Labels are of closed lists, or
//! of the program's own routes: nothing that a client sends becomes one, so that nobody can make more of them.

use std::{
    fs,
    time::{Duration, Instant},
};

use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper limits of what is timed, in seconds: from a read that is remembered to a deadline.
const SECONDS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// How often what was measured is summed up, whether anybody asks for it or not.
pub const UPKEEP: Duration = Duration::from_secs(5);

/// What is kept of all that is counted, to be read.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Has this process count from now on.
    ///
    /// # Errors
    /// When it does already.
    pub fn install() -> Result<Self, BuildError> {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &SECONDS)?;
        let handle = builder.install_recorder()?;
        describe();
        gauge!("doorstep_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
        Ok(Self(handle))
    }

    /// All of it, in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        if let Some(bytes) = resident_memory() {
            #[expect(clippy::cast_precision_loss, reason = "exact up to 8 PiB")]
            gauge!("process_resident_memory_bytes").set(bytes as f64);
        }
        self.0.render()
    }

    /// Sums up what was measured; to be called every [`UPKEEP`].
    pub fn sum_up(&self) {
        self.0.run_upkeep();
    }
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

    describe_counter!("doorstep_http_requests_total", "Answered requests, by route, method and status.");
    describe_histogram!("doorstep_http_request_duration_seconds", Unit::Seconds, "Time until the head of an answer.");
    describe_gauge!("doorstep_http_requests_in_flight", "Requests that are being answered.");
    describe_gauge!("doorstep_connections", "Connections of clients that are open.");
    describe_counter!("doorstep_requests_shed_total", "Requests that were turned away because there were too many.");
    describe_gauge!("doorstep_hasher_waiting", "Passwords that wait for a core, or have one.");
    describe_counter!("doorstep_hasher_refused_total", "Passwords that could not even wait.");
    describe_histogram!("doorstep_hash_duration_seconds", Unit::Seconds, "Time for a password, the wait included.");
    describe_histogram!("doorstep_store_duration_seconds", Unit::Seconds, "Time of an operation of a store.");
    describe_counter!("doorstep_store_errors_total", "Operations that a store did not answer, or not readably.");
    describe_counter!("doorstep_sign_ups_total", "Accounts that were made.");
    describe_counter!("doorstep_logins_total", "Attempts to log in, by what came of them.");
    describe_counter!("doorstep_refreshes_total", "Refresh tokens that were shown, by what came of them.");
    describe_counter!("doorstep_mails_total", "Attempts to send a mail, by what came of them.");
    describe_counter!("doorstep_background_restarts_total", "Restarts of background tasks that failed, by task.");
    describe_counter!("doorstep_log_lines_dropped_total", "Log lines that were dropped: the reader was too slow.");
    describe_gauge!("doorstep_build_info", "1, for the version that runs.");
    describe_gauge!("process_resident_memory_bytes", Unit::Bytes, "Memory of this process.");
}

/// What Linux says of this process; nothing on another system.
fn resident_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(kibibytes.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// A gauge that is one higher for as long as this lives.
pub struct Counted(&'static str);

impl Counted {
    /// A request that is being answered.
    #[must_use]
    pub fn request() -> Self {
        Self::one_of("doorstep_http_requests_in_flight")
    }

    /// A connection that is open.
    #[must_use]
    pub fn connection() -> Self {
        Self::one_of("doorstep_connections")
    }

    /// A password that waits for a core, or has one.
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

/// A request was answered. `route` and `method` are the program's own words for them.
pub fn answered(route: &str, method: &'static str, status: u16, took: Duration) {
    let (route, status) = (route.to_owned(), status.to_string());
    counter!("doorstep_http_requests_total", "route" => route.clone(), "method" => method, "status" => status)
        .increment(1);
    histogram!("doorstep_http_request_duration_seconds", "route" => route, "method" => method).record(took);
}

/// A request was turned away: there were too many.
pub fn shed() {
    counter!("doorstep_requests_shed_total").increment(1);
}

/// A password was hashed or compared.
pub fn hashed(took: Duration) {
    histogram!("doorstep_hash_duration_seconds").record(took);
}

/// The queue of passwords was full.
pub fn hasher_refused() {
    counter!("doorstep_hasher_refused_total").increment(1);
}

/// Times an operation of a store. One that nobody waits for to its end is not counted.
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

    /// The store answered, or did not.
    pub fn stop(self, failed: bool) {
        let Self { store, operation, begun } = self;
        histogram!("doorstep_store_duration_seconds", "store" => store, "operation" => operation)
            .record(begun.elapsed());
        if failed {
            counter!("doorstep_store_errors_total", "store" => store, "operation" => operation).increment(1);
        }
    }
}

/// An account was made.
pub fn signed_up() {
    counter!("doorstep_sign_ups_total").increment(1);
}

/// What came of an attempt to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogIn {
    Succeeded,
    WrongCredentials,
    TooMany,
    /// A store or the hasher could not answer, or a defect.
    Failed,
}

/// Somebody tried to log in.
pub fn log_in(outcome: LogIn) {
    let outcome = match outcome {
        LogIn::Succeeded => "succeeded",
        LogIn::WrongCredentials => "wrong_credentials",
        LogIn::TooMany => "too_many",
        LogIn::Failed => "failed",
    };
    counter!("doorstep_logins_total", "outcome" => outcome).increment(1);
}

/// What came of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    Rotated,
    /// Within the grace: it got the same successor.
    Repeated,
    /// Used up before: somebody holds a copy.
    Reused,
    /// Of no session that lives.
    Gone,
}

/// Somebody showed a refresh token.
pub fn refresh(outcome: Refresh) {
    let outcome = match outcome {
        Refresh::Rotated => "rotated",
        Refresh::Repeated => "repeated",
        Refresh::Reused => "reused",
        Refresh::Gone => "gone",
    };
    counter!("doorstep_refreshes_total", "outcome" => outcome).increment(1);
}

/// What came of an attempt to send a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mail {
    Sent,
    /// It is tried again later.
    PutOff,
    GivenUp,
}

/// It was tried to send a mail.
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

/// Counts a log line that was dropped because the reader of the log is too slow.
pub fn log_line_dropped() {
    counter!("doorstep_log_lines_dropped_total").increment(1);
}
