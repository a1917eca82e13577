//! Trial writes: a store is ready only if it can be written to.

use std::{error::Error, time::Duration};

use tokio::time::Instant;

/// How long the result of a trial write is reused, so that frequent health checks do not wear out a disk.
const TRIAL_INTERVAL: Duration = Duration::from_secs(3);

/// The result of the last trial write. A failure is kept as text, with its causes.
#[derive(Default)]
pub(super) struct Trials(tokio::sync::Mutex<Option<(Instant, Result<(), String>)>>);

impl Trials {
    /// Returns `Ok` if a trial write succeeded recently, or if `write` succeeds now.
    ///
    /// # Errors
    /// That of `write`, or `failed` of the last error's text if that write failed a moment ago.
    pub(super) async fn try_writing<E: Error>(
        &self,
        write: impl Future<Output = Result<(), E>>,
        failed: impl FnOnce(String) -> E,
    ) -> Result<(), E> {
        let mut last = self.0.lock().await;
        match &*last {
            Some((at, Ok(()))) if at.elapsed() < TRIAL_INTERVAL => return Ok(()),
            // A failed write is retried soon, since the store serves no requests meanwhile.
            Some((at, Err(text))) if at.elapsed() < TRIAL_INTERVAL / 10 => return Err(failed(text.clone())),
            _ => {}
        }
        let written = write.await;
        let result = written.as_ref().copied().map_err(|error| in_full(error));
        *last = Some((Instant::now(), result));
        written
    }
}

/// Returns an error with its causes in one line.
pub(super) fn in_full(error: &dyn Error) -> String {
    let errors = std::iter::successors(Some(error), |&error| error.source());
    errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
