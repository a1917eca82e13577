//! Work that goes on after the answer was given: nobody waits for it, so that the time of an answer tells nothing, but the
//! program finishes it before it ends.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio_util::task::TaskTracker;

use crate::telemetry::panic_text;

/// All work that goes on in the background. Clones share it.
#[derive(Clone, Default)]
pub struct Background(TaskTracker);

impl Background {
    /// Does this work while the caller goes on. A panic is logged, and ends this work alone.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(async move {
            if let Err(panic) = AssertUnwindSafe(work).catch_unwind().await {
                tracing::error!(panic = panic_text(&*panic), "work in the background failed");
            }
        });
    }

    /// Waits until all work is finished, but no longer than `patience`. Returns true if it is. Work that is added
    /// meanwhile is waited for as well.
    pub async fn finish(&self, patience: Duration) -> bool {
        self.0.close();
        tokio::time::timeout(patience, self.0.wait()).await.is_ok()
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
    async fn n19_work_that_never_ends_does_not_keep_the_program_for_ever() {
        let background = Background::default();
        background.spawn(std::future::pending());
        assert!(!background.finish(Duration::from_secs(5)).await);
    }
}
