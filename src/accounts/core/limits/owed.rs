//! Attempts to give back to their limits: at once, or later if the store does not answer.

use std::{
    collections::VecDeque,
    sync::{Arc, MutexGuard, PoisonError},
};

use super::{Attempt, Limits};
use crate::accounts::{core::limits::Budget, ports::StoreError};

/// The maximum number of attempts that wait to be given back while the store does not answer. The oldest are dropped
/// first.
const MOST_OWED: usize = 10_000;

impl Limits {
    /// Gives attempts back now, or later if the store does not answer.
    pub(super) async fn give_back(self: &Arc<Self>, attempts: impl IntoIterator<Item = Attempt>) {
        let mut unsettled = Vec::new();
        for attempt in attempts {
            if unsettled.is_empty() && self.try_to_give_back(&attempt).await {
                continue;
            }
            unsettled.push(attempt);
        }
        if !unsettled.is_empty() {
            self.owe(unsettled);
        }
    }

    /// Gives attempts back in the background, since it may be the store that does not answer.
    pub(super) fn owe(self: &Arc<Self>, attempts: Vec<Attempt>) {
        if attempts.is_empty() {
            return;
        }
        let mut owed = self.owed();
        owed.extend(attempts);
        let surplus = owed.len().saturating_sub(MOST_OWED);
        owed.drain(..surplus);
        drop(owed);
        self.repay_soon();
    }

    pub(super) fn repay_soon(self: &Arc<Self>) {
        // Without a runtime the program is exiting, and owed attempts are lost.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let limits = self.clone();
        runtime.spawn(async move {
            if let Ok(_repaying) = limits.repaying.try_lock() {
                limits.repay().await;
            }
        });
    }

    pub(super) async fn repay_now(&self) {
        let _repaying = self.repaying.lock().await;
        self.repay().await;
    }

    /// Gives back owed attempts until none are left or the store does not answer. The caller holds `repaying`.
    async fn repay(&self) {
        loop {
            let Some(attempt) = self.owed().front().cloned() else { return };
            if attempt.expires_at > self.clock.now() && !self.try_to_give_back(&attempt).await {
                return;
            }
            // Removed afterwards, so that none is lost if the caller disconnects meanwhile.
            self.owed().retain(|owed| owed.id != attempt.id);
        }
    }

    /// Gives an attempt back. Returns false if a retry may succeed later.
    async fn try_to_give_back(&self, attempt: &Attempt) -> bool {
        let Attempt { budget: Budget { key, limit, .. }, id, .. } = attempt;
        let given_back = self.store.give_back(key, *limit, *id, self.clock.now()).await;
        if let Err(error) = &given_back {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                limit = key.kind(),
                "attempt not given back to its limit"
            );
        }
        !matches!(given_back, Err(StoreError::Unavailable { .. } | StoreError::Refused { .. }))
    }

    /// Returns true if attempts still have to be given back, or are just being given back.
    pub(super) fn owes(&self) -> bool {
        !self.owed().is_empty() || self.repaying.try_lock().is_err()
    }

    pub(super) fn owed(&self) -> MutexGuard<'_, VecDeque<Attempt>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
