//! A cache of the embedded store, so that a signed-in customer's request needs no read: a round trip to SQLite's thread
//! takes longer than the rest of such a request.
//!
//! A change by this program removes the record from the cache after the file is written and before the change is
//! acknowledged. Other programs may write to the file as well. [`Memory::watch`] notices that within [`WATCH`] and
//! clears the cache.

use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use quick_cache::sync::Cache;
use sqlx::SqlitePool;
use time::OffsetDateTime;

use super::upkeep::CurrentFiles;
use crate::{
    accounts::SessionKey,
    adapters::recall::REMEMBERED,
    domain::{Customer, CustomerId},
    workers::{Worker, Workers},
};

/// How often to check whether another program wrote to the file.
const WATCH: Duration = Duration::from_millis(500);

/// Cached records.
pub(super) struct Memory {
    pub customers: Cache<CustomerId, Customer>,
    /// The expiry of each session. `None` for one that has ended, whose id is never used again.
    pub sessions: Cache<SessionKey, Option<OffsetDateTime>>,
    /// The last known number of opened writers and value of `data_version`. The latter counts writes by other programs
    /// since its connection was opened.
    version: Mutex<Option<(u64, i64)>>,
}

impl Memory {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            customers: Cache::new(REMEMBERED),
            sessions: Cache::new(REMEMBERED),
            version: Mutex::default(),
        })
    }

    /// Clears the cache whenever another program has written, as long as `workers` run. All writes of this program go
    /// through `writer`, and SQLite counts those of all other connections (`data_version`). Also keeps the file marked.
    pub fn watch(self: &Arc<Self>, writer: SqlitePool, files: Arc<CurrentFiles>, workers: &Workers) {
        let memory = self.clone();
        workers.repeat(Worker::FileChanges, move || {
            let (memory, writer, files) = (memory.clone(), writer.clone(), files.clone());
            async move {
                let version = sqlx::query_scalar("PRAGMA data_version").fetch_one(&writer).await.ok();
                memory.note(version.map(|version| (files.writers(), version)));
                if let Err(error) = files.keep_marked(&writer).await {
                    tracing::debug!(error = &error as &dyn Error, "store file not marked as in use");
                }
                WATCH
            }
        });
    }

    /// Clears the cache unless no other program has written, and the writer was not opened again, since the last call.
    fn note(&self, version: Option<(u64, i64)>) {
        let mut seen = self.version.lock().unwrap_or_else(PoisonError::into_inner);
        if version.is_none() || version != *seen {
            self.forget_all();
        }
        *seen = version;
    }

    /// Clears the cache.
    pub fn forget_all(&self) {
        self.customers.clear();
        self.sessions.clear();
    }
}
