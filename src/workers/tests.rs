//! Tests of background tasks.

use std::sync::atomic::{AtomicU32, Ordering};

use metrics_exporter_prometheus::PrometheusBuilder;

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
    let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
    let counted = recorder.handle();
    let _recorder = ::metrics::set_default_local_recorder(recorder);
    let (workers, rounds) = failing_when(|round| round == 1);
    sleep(SECOND / 2).await;
    assert!(workers.failing().is_empty());
    sleep(SECOND).await;
    assert_eq!(workers.failing(), BTreeSet::from(["sweep"]), "it is down");
    assert!(counted.render().contains("doorstep_background_restarts_total{task=\"sweep\"} 1"), "{}", counted.render());
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
