//! Rate limits: counts attempts before a use case does anything expensive, and decides what each attempt costs.
//!
//! A limited use case runs inside [`Accounts::limited`]. Its outcome decides what happens to the attempt:
//!
//! | Outcome | Cost |
//! |---|---|
//! | success | nothing if only failures are limited, else one attempt |
//! | an error of the caller, such as a wrong password | one attempt |
//! | an error of ours (503, 500), or a refusal by another limit | nothing |
//! | the caller disconnects before the work has started | nothing |
//! | the caller disconnects later | one attempt |
//!
//! A caller who disconnects later pays because the work may have been done. Otherwise a client that always disconnects
//! could create accounts or occupy the password hasher without a limit.

mod budget;
mod owed;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use time::OffsetDateTime;

pub(in crate::accounts) use budget::Budget;
use budget::{Outcome, SpentBy};

use crate::accounts::{
    core::{accounts::Accounts, error::Error},
    ports::{AttemptId, AttemptLimits, Clock, Limit, Randomness, Reservation, StoreError},
};

/// An attempt that was counted, or may have been, since the response of the store can be lost.
#[derive(Clone)]
struct Attempt {
    budget: Budget,
    id: AttemptId,
    /// When its window ends at the latest.
    expires_at: OffsetDateTime,
}

/// Attempts of a use case that has not started, or of which only a success counts. They are given back when this is
/// dropped.
struct Reserved {
    limits: Arc<Limits>,
    attempts: Vec<Attempt>,
}

impl Reserved {
    /// Returns the attempts, for a use case that starts now. They are no longer given back on drop.
    fn begin(mut self) -> Vec<Attempt> {
        std::mem::take(&mut self.attempts)
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.limits.owe(std::mem::take(&mut self.attempts));
    }
}

/// The rate limits of the shop.
pub struct Limits {
    store: Arc<dyn AttemptLimits>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    pub(in crate::accounts) sign_ups_from: Limit,
    /// Attempts to give back once the store answers again.
    owed: Mutex<VecDeque<Attempt>>,
    /// Held while owed attempts are given back.
    repaying: tokio::sync::Mutex<()>,
}

impl Limits {
    /// Creates limits that are counted in `store`. A network may make `sign_ups_per_hour` sign-ups before it has to
    /// wait between them.
    #[must_use]
    pub fn new(
        store: Arc<dyn AttemptLimits>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        sign_ups_per_hour: u32,
    ) -> Self {
        Self {
            store,
            clock,
            randomness,
            sign_ups_from: crate::accounts::core::budgets::sign_ups::sign_ups_from(sign_ups_per_hour),
            owed: Mutex::default(),
            repaying: tokio::sync::Mutex::default(),
        }
    }

    /// Counts an attempt against every budget, waits for its turn if that is soon, and does the work. `is_failure`
    /// returns true for successful results that count as failures.
    ///
    /// # Errors
    /// `TooManyAttempts` with the time after which every budget has room again, or the error of the store or of the
    /// work.
    async fn limited<T>(
        self: &Arc<Self>,
        budgets: Vec<Budget>,
        work: impl Future<Output = Result<T, Error>>,
        is_failure: impl FnOnce(&T) -> bool,
    ) -> Result<T, Error> {
        let attempts = self.reserve_all(budgets).await?;
        let result = work.await;
        match Outcome::of(&result, is_failure) {
            Outcome::Failed => {}
            Outcome::Succeeded => {
                let is_free = |attempt: &Attempt| attempt.budget.spent_by == SpentBy::Failures;
                self.give_back(attempts.into_iter().filter(is_free)).await;
            }
            Outcome::Refused => self.give_back(attempts).await,
            Outcome::Broken => self.owe(attempts),
        }
        result
    }

    /// Calls `work` with true if the budget has room or cannot be counted, and with false otherwise. Only work that
    /// succeeds uses it up: not work that fails, or whose caller disconnects meanwhile.
    pub(in crate::accounts) async fn spend_on_success<T>(
        self: &Arc<Self>,
        budget: Budget,
        work: impl AsyncFnOnce(bool) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let attempts = match self.reserve_all(vec![budget]).await {
            Ok(attempts) => attempts,
            Err(refused) => return work(!matches!(refused, Error::TooManyAttempts { .. })).await,
        };
        let reserved = Reserved { limits: self.clone(), attempts };
        let result = work(true).await;
        if result.is_ok() {
            reserved.begin();
        }
        result
    }

    async fn reserve_all(self: &Arc<Self>, budgets: Vec<Budget>) -> Result<Vec<Attempt>, Error> {
        if budgets.len() > 1 {
            self.check_room(&budgets).await?;
        }
        let mut reserved = Reserved { limits: self.clone(), attempts: Vec::with_capacity(budgets.len()) };
        let mut wait = Duration::ZERO;
        for budget in budgets {
            let attempt = self.attempt(budget);
            // Before the store is asked: it may count the attempt although its response is lost.
            reserved.attempts.push(attempt.clone());
            match self.reserve(&attempt).await? {
                Reservation::Granted { wait: turn } => wait = wait.max(turn),
                Reservation::Refused { retry_after } => {
                    reserved.attempts.pop();
                    self.give_back(reserved.begin()).await;
                    return Err(refused(&attempt.budget, retry_after));
                }
            }
        }
        if !wait.is_zero() {
            self.clock.wait(wait).await;
        }
        Ok(reserved.begin())
    }

    /// Refuses an attempt if one of its budgets has no room, before anything is written for the others: refused
    /// attempts must cost the store nothing. Checks all budgets, so that a retry is not refused by the next one.
    async fn check_room(self: &Arc<Self>, budgets: &[Budget]) -> Result<(), Error> {
        let mut fullest: Option<(&Budget, Duration)> = None;
        for budget in budgets {
            if let Some(retry_after) = self.retry_after(budget).await?
                && fullest.is_none_or(|(_, longest)| retry_after > longest)
            {
                fullest = Some((budget, retry_after));
            }
        }
        fullest.map_or(Ok(()), |(budget, retry_after)| Err(refused(budget, retry_after)))
    }

    async fn retry_after(self: &Arc<Self>, Budget { key, limit, .. }: &Budget) -> Result<Option<Duration>, StoreError> {
        let retry_after = || self.store.retry_after(key, *limit, self.clock.now());
        let first = retry_after().await?;
        if first.is_none() || !self.owes() {
            return Ok(first);
        }
        self.repay_now().await;
        retry_after().await
    }

    fn attempt(&self, budget: Budget) -> Attempt {
        let mut id = [0; 16];
        self.randomness.fill(&mut id);
        let expires_at = self.clock.now() + budget.limit.window;
        Attempt { budget, id: AttemptId::from_bytes(id), expires_at }
    }

    async fn reserve(self: &Arc<Self>, attempt: &Attempt) -> Result<Reservation, StoreError> {
        let Attempt { budget: Budget { key, limit, .. }, id, .. } = attempt;
        let reserve = || self.store.reserve(key, *limit, *id, self.clock.now());
        let reservation = reserve().await?;
        if !self.owes() {
            return Ok(reservation);
        }
        match reservation {
            Reservation::Granted { .. } => {
                self.repay_soon();
                Ok(reservation)
            }
            // It may be refused only because of attempts that have to be given back.
            Reservation::Refused { .. } => {
                self.repay_now().await;
                reserve().await
            }
        }
    }
}

fn refused(budget: &Budget, retry_after: Duration) -> Error {
    tracing::info!(event = "attempt_refused", limit = budget.key.kind(), "too many attempts");
    Error::TooManyAttempts { retry_after: retry_after.max(Duration::from_secs(1)) }
}

impl Accounts {
    /// Returns true if an attempt may be made within this budget now. Counts none.
    ///
    /// # Errors
    /// `StoreUnavailable`.
    pub(in crate::accounts) async fn has_room(&self, budget: &Budget) -> Result<bool, Error> {
        match &self.limits {
            Some(limits) => Ok(limits.retry_after(budget).await?.is_none()),
            None => Ok(true),
        }
    }

    /// Does the work within these budgets.
    ///
    /// # Errors
    /// `TooManyAttempts` with the time after which every budget has room again, or the error of the store or of the
    /// work.
    pub(in crate::accounts) async fn limited<T>(
        &self,
        budgets: Vec<Budget>,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.limited_unless(budgets, work, |_| false).await
    }

    /// Does the work within these budgets. `is_failure` returns true for successful results that count as failures.
    ///
    /// # Errors
    /// Those of [`Self::limited`].
    pub(in crate::accounts) async fn limited_unless<T>(
        &self,
        budgets: Vec<Budget>,
        work: impl Future<Output = Result<T, Error>>,
        is_failure: impl FnOnce(&T) -> bool,
    ) -> Result<T, Error> {
        match &self.limits {
            Some(limits) => limits.limited(budgets, work, is_failure).await,
            None => work.await,
        }
    }
}

/// Does the work within these budgets, without a use case that waits for it.
///
/// # Errors
/// Those of [`Accounts::limited`].
pub(in crate::accounts) async fn limited_later<T>(
    limits: Option<Arc<Limits>>,
    budgets: Vec<Budget>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    match limits {
        Some(limits) => limits.limited(budgets, work, |_| false).await,
        None => work.await,
    }
}

#[cfg(test)]
mod tests;
