//! What the embedded store remembers of its file, so that a request of somebody who is signed in waits for no read: the
//! thread that SQLite runs on is further away than everything else such a request needs.
//!
//! What this program changes, it forgets at once, after the file was written and before anybody is told. Another program
//! may write to the file as well; [`Memory::watch`] notices within [`WATCH`] and forgets everything.

use std::{sync::Arc, time::Duration};

use quick_cache::sync::Cache;
use sqlx::SqlitePool;
use time::OffsetDateTime;

use crate::{
    accounts::SessionKey,
    adapters::recall::REMEMBERED,
    domain::{Customer, CustomerId},
};

/// How often the file is asked whether another program wrote to it.
const WATCH: Duration = Duration::from_millis(500);

/// Records as they are in the file.
pub(super) struct Memory {
    pub customers: Cache<CustomerId, Customer>,
    /// When each session expires.
    pub sessions: Cache<SessionKey, OffsetDateTime>,
}

impl Memory {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { customers: Cache::new(REMEMBERED), sessions: Cache::new(REMEMBERED) })
    }

    /// Forgets everything whenever another program has written, for as long as this store is in use. All of this
    /// program's writes go through `writer`, and SQLite counts those of all other connections (`data_version`).
    pub fn watch(self: &Arc<Self>, writer: SqlitePool) {
        let memory = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut seen = None;
            let mut ticks = tokio::time::interval(WATCH);
            while !writer.is_closed() {
                ticks.tick().await;
                let version = sqlx::query_scalar::<_, i64>("PRAGMA data_version").fetch_one(&writer).await.ok();
                let Some(memory) = memory.upgrade() else { break };
                if version.is_none() || version != seen {
                    memory.customers.clear();
                    memory.sessions.clear();
                }
                seen = version;
            }
        });
    }
}
