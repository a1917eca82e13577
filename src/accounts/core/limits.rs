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

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use time::OffsetDateTime;

use crate::accounts::{
    core::{accounts::Accounts, error::Error},
    ports::{AttemptId, AttemptLimits, Clock, Limit, LimitKey, Randomness, Reservation, StoreError},
};

/// The maximum number of attempts that wait to be given back while the store does not answer. The oldest are dropped
/// first.
const MOST_OWED: usize = 10_000;

/// A limit that applies to a use case.
#[derive(Clone, Debug)]
pub(in crate::accounts) struct Budget {
    key: LimitKey,
    limit: Limit,
    spent_by: SpentBy,
}

/// The outcomes of a use case that use up a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SpentBy {
    /// Failures and successes.
    Attempts,
    Failures,
}

impl Budget {
    /// Returns a budget that successes use up too.
    pub(in crate::accounts) fn of_attempts(key: LimitKey, limit: Limit) -> Self {
        Self { key, limit, spent_by: SpentBy::Attempts }
    }

    /// Returns a budget that only failures use up. Earlier failures stay counted after a success: otherwise the owner
    /// of one account could buy guesses at others with it.
    pub(in crate::accounts) fn of_failures(key: LimitKey, limit: Limit) -> Self {
        Self { key, limit, spent_by: SpentBy::Failures }
    }
}

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

/// The outcome of a use case, for its limits.
enum Outcome {
    Succeeded,
    Failed,
    /// Another limit refused the attempt.
    Refused,
    /// An error of ours.
    Broken,
}

impl Outcome {
    fn of<T>(result: &Result<T, Error>, is_failure: impl FnOnce(&T) -> bool) -> Self {
        match result {
            Ok(value) if is_failure(value) => Self::Failed,
            Ok(_) => Self::Succeeded,
            Err(Error::StoreUnavailable(_) | Error::HasherBusy | Error::Contended | Error::Internal(_)) => Self::Broken,
            Err(Error::TooManyAttempts { .. }) => Self::Refused,
            // Listed one by one, so that a new error does not compile until it is classified.
            Err(
                Error::Invalid(_)
                | Error::InvalidCredentials
                | Error::Unauthenticated
                | Error::ConfirmationRequired
                | Error::NotFound
                | Error::LinkExpired
                | Error::EmailTaken,
            ) => Self::Failed,
        }
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

    /// Gives attempts back now, or later if the store does not answer.
    async fn give_back(self: &Arc<Self>, attempts: impl IntoIterator<Item = Attempt>) {
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
    fn owe(self: &Arc<Self>, attempts: Vec<Attempt>) {
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

    fn repay_soon(self: &Arc<Self>) {
        // Without a runtime the program is exiting, and owed attempts are lost.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let limits = self.clone();
        runtime.spawn(async move {
            if let Ok(_repaying) = limits.repaying.try_lock() {
                limits.repay().await;
            }
        });
    }

    async fn repay_now(&self) {
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
    fn owes(&self) -> bool {
        !self.owed().is_empty() || self.repaying.try_lock().is_err()
    }

    fn owed(&self) -> MutexGuard<'_, VecDeque<Attempt>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
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
