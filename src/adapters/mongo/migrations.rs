//! Migrations of the collections. They run before requests are served, one step after the other, by one instance that
//! holds a lock.
//!
//! Each step only adds, so that instances of the previous version can run beside it (a rolling upgrade). Each step is
//! idempotent, so a lock that outlives its owner does no harm.

use std::time::Duration;

use mongodb::bson::{doc, oid::ObjectId};

use super::{DUPLICATE_KEY, Failure, MongoStore, TIMEOUT, bounded, code};
use crate::accounts::ports::StoreError;

/// The time limit of a step: an index of millions of customers takes minutes.
pub(super) const STEP_TIMEOUT: Duration = Duration::from_mins(30);

/// How long the lock of an instance that died blocks others, in milliseconds.
const LEASE: i64 = 5 * 60 * 1000;

/// How often a waiting instance retries the lock.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The id of the document that holds the schema version.
const SCHEMA: &str = "schema";

/// The steps in order. New ones are added at the end. The number of a step is the version that it leads to.
#[derive(Clone, Copy, Debug)]
enum Step {
    UniqueAddresses,
    Outbox,
    Timeline,
    Browsers,
    GroupedEvents,
    KindsOfEvents,
}

impl Step {
    const ALL: [Self; 6] =
        [Self::UniqueAddresses, Self::Outbox, Self::Timeline, Self::Browsers, Self::GroupedEvents, Self::KindsOfEvents];

    fn name(self) -> &'static str {
        match self {
            Self::UniqueAddresses => "unique index on users.email: one account per address",
            Self::Outbox => "index on users.doorstep.outbox.due: pending mail",
            Self::Timeline => "indexes on doorstep_timeline: account activity",
            Self::GroupedEvents => "unique index on doorstep_timeline.group: grouped events",
            Self::KindsOfEvents => "index on doorstep_timeline.event: events by type",
            Self::Browsers => "indexes on doorstep_browsers: known browsers",
        }
    }
}

impl MongoStore {
    /// Runs every pending step, or waits until another instance has.
    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        let owner = ObjectId::new();
        let mut waits = false;
        while !self.pending_steps().await?.is_empty() {
            if self.lock(owner).await? {
                let taken = self.take_steps(owner).await;
                self.unlock(owner).await?;
                taken?;
            } else {
                if !std::mem::replace(&mut waits, true) {
                    tracing::info!("waiting for another instance to migrate the database");
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
        Ok(())
    }

    /// Returns the pending migrations as text.
    pub(super) async fn pending(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.pending_steps().await?.iter().map(|step| step.name().to_owned()).collect())
    }

    async fn pending_steps(&self) -> Result<&'static [Step], StoreError> {
        let schema = self.schema.clone();
        let found = bounded(TIMEOUT, async move { schema.find_one(doc! { "_id": SCHEMA }).await }).await?;
        let version = found.and_then(|found| found.get_i32("version").ok()).unwrap_or(0);
        let taken = usize::try_from(version).unwrap_or(0);
        // A newer version may have run more steps than this one knows.
        Ok(Step::ALL.get(taken..).map_or(&[], |_| &Step::ALL[taken..]))
    }

    async fn take_steps(&self, owner: ObjectId) -> Result<(), StoreError> {
        for step in self.pending_steps().await? {
            tracing::info!(step = step.name(), "migrating the database");
            match step {
                Step::UniqueAddresses => self.ensure_unique_email().await?,
                Step::Outbox => self.ensure_outbox_index().await?,
                Step::Timeline => self.ensure_timeline_indexes().await?,
                Step::GroupedEvents => self.ensure_group_index().await?,
                Step::KindsOfEvents => self.ensure_kinds_index().await?,
                Step::Browsers => self.ensure_browsers_indexes().await?,
            }
            let schema = self.schema.clone();
            let taken = doc! { "$inc": { "version": 1 } };
            bounded(TIMEOUT, async move { schema.update_one(doc! { "_id": SCHEMA, "owner": owner }, taken).await })
                .await?;
        }
        Ok(())
    }

    /// Returns true if this instance holds the lock now. The server's clock decides.
    async fn lock(&self, owner: ObjectId) -> Result<bool, StoreError> {
        let schema = self.schema.clone();
        let begin = doc! { "$setOnInsert": { "version": 0 } };
        match bounded(TIMEOUT, async move { schema.update_one(doc! { "_id": SCHEMA }, begin).upsert(true).await }).await
        {
            // Another instance has just taken it.
            Err(Failure::Answered(error)) if code(&error) == Some(DUPLICATE_KEY) => {}
            done => drop(done?),
        }
        let is_free = doc! { "_id": SCHEMA, "$or": [
            { "lockedUntil": { "$exists": false } },
            { "$expr": { "$lt": ["$lockedUntil", "$$NOW"] } },
        ] };
        let lock = vec![doc! { "$set": { "owner": owner, "lockedUntil": { "$add": ["$$NOW", LEASE] } } }];
        let schema = self.schema.clone();
        let taken = bounded(TIMEOUT, async move { schema.update_one(is_free, lock).await }).await?;
        Ok(taken.matched_count == 1)
    }

    async fn unlock(&self, owner: ObjectId) -> Result<(), StoreError> {
        let schema = self.schema.clone();
        let unlock = doc! { "$unset": { "owner": "", "lockedUntil": "" } };
        bounded(TIMEOUT, async move { schema.update_one(doc! { "_id": SCHEMA, "owner": owner }, unlock).await })
            .await?;
        Ok(())
    }
}
