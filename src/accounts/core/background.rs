//! Work that continues after the response, so that the response time reveals nothing. The program finishes it before it
//! exits.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio_util::task::TaskTracker;

use crate::telemetry::panic_text;

/// The work in the background. Clones share it.
#[derive(Clone, Default)]
pub struct Background(TaskTracker);

impl Background {
    /// Runs this work in the background. A panic is logged, and ends only this work.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(async move {
            if let Err(panic) = AssertUnwindSafe(work).catch_unwind().await {
                tracing::error!(panic = panic_text(&*panic), "work in the background failed");
            }
        });
    }

    /// Waits until all work is finished, at most for `limit`. Returns true if it is. Also waits for work that is
    /// added meanwhile.
    pub async fn finish(&self, limit: Duration) -> bool {
        self.0.close();
        tokio::time::timeout(limit, self.0.wait()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn n19_work_that_was_begun_is_finished_and_a_panic_ends_nothing_else() {
        let (background, is_done) = (Background::default(), Arc::new(AtomicBool::new(false)));
        let done = is_done.clone();
        background.spawn(async { panic!("on purpose") });
        background.spawn(async move {
            tokio::time::sleep(Duration::from_secs(3)).await;
            done.store(true, Ordering::SeqCst);
        });
        assert!(background.finish(Duration::from_secs(5)).await);
        assert!(is_done.load(Ordering::SeqCst));
    }

    #[tokio::test(start_paused = true)]
    async fn n19_work_that_never_ends_does_not_stop_the_program_from_ending() {
        let background = Background::default();
        background.spawn(std::future::pending());
        assert!(!background.finish(Duration::from_secs(5)).await);
    }
}
