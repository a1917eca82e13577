//! The background tasks of the program: each is watched, restarted when it fails, counted, reported by `/readyz`, and
//! stopped in an orderly way.

use std::{
    collections::BTreeSet,
    future::ready,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use crate::telemetry::{metrics, panic_text};

/// How long a task stays down after its first failure. The pause doubles with each failure that follows.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long a task has to run after its first failure before it counts as healthy again. This doubles too, so that a
/// task that fails at regular intervals soon counts as unhealthy all the time, and readiness does not flap.
const FIRST_PROBATION: Duration = Duration::from_secs(10);
const LONGEST_PROBATION: Duration = Duration::from_mins(10);

/// A kind of background task, as it is reported to operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worker {
    /// Sends the mail in the outbox.
    MailDelivery,
    /// Keeps the development mailbox small.
    MailTrimming,
    /// Loads signing keys that were added or removed.
    SigningKeys,
    /// Removes expired data.
    Sweep,
    /// Watches the file of the embedded store for writes by other programs.
    FileChanges,
    /// Follows changes of customers in MongoDB.
    CustomerChanges,
    /// Follows changes of sessions in Redis.
    SessionChanges,
    /// Summarizes metrics.
    MetricsUpkeep,
    /// Serves metrics.
    MetricsServer,
}

impl Worker {
    /// Returns the name in metrics, logs and `/readyz`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MailDelivery => "mail_delivery",
            Self::MailTrimming => "mail_trimming",
            Self::SigningKeys => "signing_keys",
            Self::Sweep => "sweep",
            Self::FileChanges => "file_changes",
            Self::CustomerChanges => "customer_changes",
            Self::SessionChanges => "session_changes",
            Self::MetricsUpkeep => "metrics_upkeep",
            Self::MetricsServer => "metrics_server",
        }
    }
}

/// A group of background tasks. Clones share it; its tasks stop when the last clone is dropped.
#[derive(Clone)]
pub struct Workers(Arc<Group>);

struct Group {
    tracker: TaskTracker,
    stop: CancellationToken,
    tasks: Mutex<Vec<(Worker, Arc<Health>)>>,
    /// No task holds the group itself, so dropping the group stops them.
    _stop_on_drop: DropGuard,
}

impl Default for Workers {
    fn default() -> Self {
        Self::new()
    }
}

impl Workers {
    /// Returns a group without tasks.
    #[must_use]
    pub fn new() -> Self {
        let stop = CancellationToken::new();
        Self(Arc::new(Group {
            tracker: TaskTracker::new(),
            _stop_on_drop: stop.clone().drop_guard(),
            stop,
            tasks: Mutex::default(),
        }))
    }

    /// Starts a task that works in rounds. Each round returns the pause before the next one. A round that has begun is
    /// finished before the task stops.
    pub fn repeat<F>(&self, worker: Worker, round: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = Duration> + Send + 'static,
    {
        let (round, stop) = (Arc::new(round), self.0.stop.clone());
        self.supervise(worker, move || {
            let (round, stop) = (round.clone(), stop.clone());
            async move {
                while !stop.is_cancelled() {
                    let pause = round().await;
                    stop.run_until_cancelled(sleep(pause)).await;
                }
            }
        });
    }

    /// Starts a task that runs until it is stopped, at any point where it waits.
    pub fn run<F>(&self, worker: Worker, task: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (task, stop) = (Arc::new(task), self.0.stop.clone());
        self.supervise(worker, move || {
            let (task, stop) = (task.clone(), stop.clone());
            async move { stop.run_until_cancelled(task()).await.unwrap_or(()) }
        });
    }

    /// Returns a token that is cancelled when the group stops.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.0.stop.clone()
    }

    /// Returns the tracker of everything that [`stop`](Self::stop) waits for.
    #[must_use]
    pub fn tracker(&self) -> TaskTracker {
        self.0.tracker.clone()
    }

    /// Returns the names of the tasks that are down, or have failed and not yet run long enough since.
    #[must_use]
    pub fn failing(&self) -> BTreeSet<&'static str> {
        let tasks = self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.iter().filter(|(_, health)| health.is_failing()).map(|(worker, _)| worker.as_str()).collect()
    }

    /// Stops all tasks and waits for them, at most for `limit`. Returns true if all of them stopped.
    pub async fn stop(&self, limit: Duration) -> bool {
        self.0.stop.cancel();
        self.0.tracker.close();
        timeout(limit, self.0.tracker.wait()).await.is_ok()
    }

    /// Runs `task` again and again until the group stops.
    fn supervise<F>(&self, worker: Worker, task: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let health = Arc::new(Health::default());
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).push((worker, health.clone()));
        let stop = self.0.stop.clone();
        self.0.tracker.spawn(async move {
            loop {
                // Both the call of `task` and the future that it returns may panic.
                let ended = AssertUnwindSafe(ready(()).then(|()| task())).catch_unwind().await;
                if stop.is_cancelled() {
                    return;
                }
                let pause = health.fail();
                metrics::background_restart(worker.as_str());
                let panic = ended.err().map(|panic| panic_text(&*panic).to_owned());
                tracing::error!(
                    event = "background_task_failed",
                    task = worker.as_str(),
                    panic,
                    ?pause,
                    "restarting a background task"
                );
                if stop.run_until_cancelled(sleep(pause)).await.is_none() {
                    return;
                }
                health.restart();
            }
        });
    }
}

/// The health of a task.
#[derive(Default)]
struct Health(Mutex<State>);

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Healthy,
    /// The task has failed this many times in a row and waits for its restart.
    Down { failures: u32 },
    /// The task was restarted recently.
    OnProbation { failures: u32, until: Instant },
}

impl Health {
    fn is_failing(&self) -> bool {
        match *self.lock() {
            State::Healthy => false,
            State::Down { .. } => true,
            State::OnProbation { until, .. } => Instant::now() < until,
        }
    }

    /// Records a failure and returns the pause before the restart.
    fn fail(&self) -> Duration {
        let mut state = self.lock();
        let before = match *state {
            // A task that ran long past its probation starts with a clean record.
            State::OnProbation { until, .. } if Instant::now() > until + LONGEST_PROBATION => 0,
            State::Down { failures } | State::OnProbation { failures, .. } => failures,
            State::Healthy => 0,
        };
        *state = State::Down { failures: before + 1 };
        doubled(FIRST_PAUSE, before).min(LONGEST_PAUSE)
    }

    fn restart(&self) {
        let mut state = self.lock();
        if let State::Down { failures } = *state {
            let probation = doubled(FIRST_PROBATION, failures - 1).min(LONGEST_PROBATION);
            *state = State::OnProbation { failures, until: Instant::now() + probation };
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn doubled(first: Duration, times: u32) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(times))
}

#[cfg(test)]
mod tests;
