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
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Returns a group with one task that panics in the rounds selected by `fails`.
    fn failing_when(fails: impl Fn(u32) -> bool + Send + Sync + 'static) -> (Workers, Arc<AtomicU32>) {
        let (workers, rounds) = (Workers::new(), Arc::new(AtomicU32::new(0)));
        let counted = rounds.clone();
        workers.repeat(Worker::Sweep, move || {
            let round = counted.fetch_add(1, Ordering::SeqCst);
            assert!(!fails(round), "round {round} fails");
            async { SECOND }
        });
        (workers, rounds)
    }

    #[tokio::test(start_paused = true)]
    async fn n15_d4_a_task_that_panics_is_restarted_and_unhealthy_until_it_has_run_for_a_while() {
        let (workers, rounds) = failing_when(|round| round == 1);
        sleep(SECOND / 2).await;
        assert!(workers.failing().is_empty());
        sleep(SECOND).await;
        assert_eq!(workers.failing(), BTreeSet::from(["sweep"]), "it is down");
        sleep(5 * SECOND).await;
        assert!(rounds.load(Ordering::SeqCst) > 4, "it runs again");
        assert_eq!(workers.failing(), BTreeSet::from(["sweep"]), "it has not run for long");
        sleep(10 * SECOND).await;
        assert!(workers.failing().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn n15_d4_a_task_that_ends_by_itself_is_restarted_too() {
        let (workers, runs) = (Workers::new(), Arc::new(AtomicU32::new(0)));
        let counted = runs.clone();
        workers.run(Worker::SessionChanges, move || {
            counted.fetch_add(1, Ordering::SeqCst);
            ready(())
        });
        sleep(4 * SECOND).await;
        assert_eq!(runs.load(Ordering::SeqCst), 3, "after one second, and two more");
        assert_eq!(workers.failing(), BTreeSet::from(["session_changes"]));
    }

    #[tokio::test(start_paused = true)]
    async fn n15_d4_a_task_that_fails_at_regular_intervals_does_not_make_readiness_flap() {
        let (workers, _) = failing_when(|round| round % 60 == 59);
        let (mut seen, mut changes) = (false, 0);
        for _ in 0..60 * 60 {
            sleep(SECOND).await;
            let is_failing = !workers.failing().is_empty();
            changes += u32::from(is_failing != seen);
            seen = is_failing;
        }
        assert!(seen, "it fails every minute");
        assert!(changes < 10, "{changes}");
    }

    #[tokio::test(start_paused = true)]
    async fn one_failing_task_does_not_affect_the_others() {
        let (workers, _) = failing_when(|_| true);
        let rounds = Arc::new(AtomicU32::new(0));
        let counted = rounds.clone();
        workers.repeat(Worker::MailDelivery, move || {
            counted.fetch_add(1, Ordering::SeqCst);
            ready(SECOND)
        });
        sleep(10 * SECOND).await;
        assert!(rounds.load(Ordering::SeqCst) >= 10);
        assert_eq!(workers.failing(), BTreeSet::from(["sweep"]));
    }

    #[tokio::test(start_paused = true)]
    async fn n19_a_round_that_has_begun_is_finished_before_the_group_has_stopped() {
        let (workers, finished) = (Workers::new(), Arc::new(AtomicU32::new(0)));
        let counted = finished.clone();
        workers.repeat(Worker::MailDelivery, move || {
            let counted = counted.clone();
            async move {
                sleep(3 * SECOND).await;
                counted.fetch_add(1, Ordering::SeqCst);
                Duration::ZERO
            }
        });
        workers.run(Worker::SessionChanges, std::future::pending::<()>);
        sleep(SECOND).await;
        assert!(workers.stop(5 * SECOND).await);
        assert_eq!(finished.load(Ordering::SeqCst), 1);
        assert!(workers.failing().is_empty(), "a task that was stopped has not failed");
    }

    #[tokio::test(start_paused = true)]
    async fn tasks_stop_when_their_group_is_dropped() {
        let (workers, rounds) = failing_when(|_| false);
        sleep(3 * SECOND).await;
        drop(workers);
        sleep(SECOND).await;
        let seen = rounds.load(Ordering::SeqCst);
        sleep(10 * SECOND).await;
        assert_eq!(rounds.load(Ordering::SeqCst), seen);
    }
}
