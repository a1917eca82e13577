//! What the embedded store remembers of its file, so that a request of somebody who is signed in waits for no read: the
//! thread that SQLite runs on is further away than everything else such a request needs.
//!
//! What this program changes, it forgets at once, after the file was written and before anybody is told. Another program
//! may write to the file as well; [`Memory::watch`] notices within [`WATCH`] and forgets everything.

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

/// How often the file is asked whether another program wrote to it.
const WATCH: Duration = Duration::from_millis(500);

/// Records as they are in the file.
pub(super) struct Memory {
    pub customers: Cache<CustomerId, Customer>,
    /// When each session expires, or nothing for one that has ended: its id is never given again.
    pub sessions: Cache<SessionKey, Option<OffsetDateTime>>,
    /// What SQLite said last of writes by other programs.
    version: Mutex<Option<i64>>,
}

impl Memory {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            customers: Cache::new(REMEMBERED),
            sessions: Cache::new(REMEMBERED),
            version: Mutex::default(),
        })
    }

    /// Forgets everything whenever another program has written, as long as `workers` run. All of this program's writes go
    /// through `writer`, and SQLite counts those of all other connections (`data_version`). Also keeps the file marked.
    pub fn watch(self: &Arc<Self>, writer: SqlitePool, files: Arc<CurrentFiles>, workers: &Workers) {
        let memory = self.clone();
        workers.repeat(Worker::FileChanges, move || {
            let (memory, writer, files) = (memory.clone(), writer.clone(), files.clone());
            async move {
                let version = sqlx::query_scalar("PRAGMA data_version").fetch_one(&writer).await.ok();
                memory.note(version);
                if let Err(error) = files.keep_marked(&writer).await {
                    tracing::debug!(error = &error as &dyn Error, "the file could not be marked as in use");
                }
                WATCH
            }
        });
    }

    /// Forgets everything unless nobody else has written since the last time.
    fn note(&self, version: Option<i64>) {
        let mut seen = self.version.lock().unwrap_or_else(PoisonError::into_inner);
        if version.is_none() || version != *seen {
            self.forget_all();
        }
        *seen = version;
    }

    /// Forgets everything.
    pub fn forget_all(&self) {
        self.customers.clear();
        self.sessions.clear();
    }
}
