//! Keeps the connections usable when the disk fails (full, read-only, with errors, or without the file), and maintains
//! the mark.
//!
//! **The mark.** While a store is in use, the file itself is marked (`PRAGMA user_version`), and the log contains a
//! write that clears the mark. A program that reads both sees no mark, and a file that the log was moved into has none.
//! So a file that was copied without its log can be told from a complete one, also when another program has moved the
//! log into it.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection, SqliteConnection, SqlitePool, pool::PoolConnectionMetadata, sqlite::SqlitePoolOptions};
use tokio::time::Instant;

use super::{files::Files, pool};

/// How long the result of a trial write is reused, so that frequent health checks do not wear out the disk.
const TRIAL_INTERVAL: Duration = Duration::from_secs(3);

/// The size of a trial write, in bytes. More than a page, since a full disk still has room in existing pages.
const TRIAL_SIZE: i64 = 5000;

/// The size at which the log is moved into the file, in bytes.
pub(super) const LARGEST_LOG: u64 = 4 * 1024 * 1024;

/// Returns the options of the connection that writes. It is kept while it is usable and its files are the current ones.
pub(super) fn kept_writer(files: &Arc<CurrentFiles>) -> SqlitePoolOptions {
    let (connected, files) = (files.clone(), files.clone());
    let pool = kept_pool(1).after_connect(move |_, _| {
        connected.note_log();
        Box::pin(async { Ok(()) })
    });
    pool.before_acquire(move |connection, metadata| {
        let files = files.clone();
        Box::pin(async move {
            Ok(match files.standing(&metadata) {
                Standing::Current => true,
                Standing::Replaced => false,
                Standing::LogLost => !files.salvage(connection).await,
            })
        })
    })
}

/// Returns the options of the connections that read. They still see everything when the log was removed. Then the
/// writer has to act.
pub(super) fn kept_readers(size: u32, files: &Arc<CurrentFiles>) -> SqlitePoolOptions {
    let files = files.clone();
    kept_pool(size).before_acquire(move |_, metadata| {
        let is_usable = !matches!(files.standing(&metadata), Standing::Replaced);
        Box::pin(async move { Ok(is_usable) })
    })
}

fn kept_pool(size: u32) -> SqlitePoolOptions {
    pool(size).after_release(|connection, _| Box::pin(is_outside_transaction(connection)))
}

/// Returns false for a connection that reports a transaction although it is not in use. When the disk is full or fails,
/// SQLite rolls a transaction back by itself. The rollback that follows is an error then, and the connection would
/// refuse every other transaction. It is replaced.
async fn is_outside_transaction(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    if connection.is_in_transaction() {
        // A pending rollback runs before the ping.
        connection.ping().await?;
    }
    let is_outside = !connection.is_in_transaction();
    if !is_outside {
        tracing::warn!("store connection replaced: a transaction on it failed");
    }
    Ok(is_outside)
}

/// The files at the store's paths. Writes to a file that was removed or replaced would be lost, so connections to it
/// are closed.
pub(super) struct CurrentFiles {
    files: Files,
    seen: Mutex<Seen>,
    /// True if the file itself is marked as in use.
    is_marked: AtomicBool,
}

/// The device and the inode of a file. `None` if it does not exist.
type Identity = Option<(u64, u64)>;

struct Seen {
    file: Identity,
    /// The log of the open connections. `None` until it is known.
    log: Identity,
    /// True if that log was removed or replaced and has not been moved into the file since.
    is_log_lost: bool,
    since: std::time::Instant,
}

impl Seen {
    /// Returns the state after which all connections have to be reopened.
    fn anew(file: Identity) -> Self {
        Self { file, log: None, is_log_lost: false, since: std::time::Instant::now() }
    }
}

/// The state of a connection.
enum Standing {
    Current,
    /// The connection was opened on files that are gone.
    Replaced,
    /// The connection's log was removed or replaced, and has content that is missing in the file.
    LogLost,
}

impl CurrentFiles {
    pub fn new(files: Files) -> Arc<Self> {
        let seen = Mutex::new(Seen::anew(identity(&files.file)));
        Arc::new(Self { files, seen, is_marked: AtomicBool::new(false) })
    }

    fn standing(&self, connection: &PoolConnectionMetadata) -> Standing {
        let (file, log) = (identity(&self.files.file), identity(&self.files.log));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.file != file {
            *seen = Seen::anew(file);
            self.is_marked.store(false, Ordering::Relaxed);
        }
        if file.is_none() || connection.age >= seen.since.elapsed() {
            return Standing::Replaced;
        }
        seen.is_log_lost |= seen.log.is_some() && seen.log != log;
        if seen.is_log_lost { Standing::LogLost } else { Standing::Current }
    }

    /// Moves the content of a log that was removed but is still open into the file. Returns true on success. Then all
    /// connections have to be replaced. Otherwise the connection refuses writes, since they would be lost.
    async fn salvage(&self, connection: &mut SqliteConnection) -> bool {
        if let Err(error) = move_lost_log(connection).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "store log removed: its contents cannot be saved");
            return false;
        }
        tracing::warn!("store log removed or replaced: its contents were moved into the store file");
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Seen::anew(seen.file);
        self.is_marked.store(false, Ordering::Relaxed);
        true
    }

    /// Marks the file as in use, if it is not marked, and moves the log into it when it has become large.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub async fn keep_marked(&self, writer: &SqlitePool) -> sqlx::Result<()> {
        let is_small = || fs::metadata(&self.files.log).is_ok_and(|log| log.len() <= LARGEST_LOG);
        if self.is_marked.load(Ordering::Relaxed) && is_small() {
            return Ok(());
        }
        let mut writer = writer.acquire().await?;
        self.is_marked.store(mark(&mut writer).await?, Ordering::Relaxed);
        self.note_log();
        Ok(())
    }

    /// Records which log the writer has opened.
    fn note_log(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.log = seen.log.or_else(|| identity(&self.files.log));
    }
}

/// Marks the file itself, as opposed to the store of file and log. Returns false if a part of the log could not be
/// moved into the file because it was being read.
async fn mark(writer: &mut SqliteConnection) -> sqlx::Result<bool> {
    sqlx::query("PRAGMA user_version = 1").execute(&mut *writer).await?;
    let moved = sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&mut *writer).await;
    sqlx::query("PRAGMA user_version = 0").execute(writer).await?;
    let (_, frames, moved): (i64, i64, i64) = moved?;
    Ok(frames == moved)
}

/// Makes the connection read-only, and moves its open log into the file.
async fn move_lost_log(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    sqlx::query("PRAGMA query_only = ON").execute(&mut *connection).await?;
    // A failed attempt is repeated soon, so the wait is short.
    sqlx::query("PRAGMA busy_timeout = 100").execute(&mut *connection).await?;
    // With TRUNCATE, no connection reads from the log afterwards, and a new log can replace it.
    let is_busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection).await?;
    if is_busy == 0 { Ok(()) } else { Err(io::Error::other("the log is being read").into()) }
}

fn identity(path: &Path) -> Identity {
    fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// The result of the last trial write.
#[derive(Default)]
pub(super) struct Trials(tokio::sync::Mutex<Option<(Instant, bool)>>);

impl Trials {
    /// Returns `Ok` if a trial write succeeded recently or succeeds now.
    pub async fn try_writing(&self, writer: &SqlitePool) -> sqlx::Result<()> {
        let mut last = self.0.lock().await;
        match *last {
            Some((at, true)) if at.elapsed() < TRIAL_INTERVAL => return Ok(()),
            // A failed write is retried soon, since the store serves no requests meanwhile.
            Some((at, false)) if at.elapsed() < TRIAL_INTERVAL / 10 => {
                return Err(io::Error::other("the last trial write failed").into());
            }
            _ => {}
        }
        let written = write(writer).await;
        *last = Some((Instant::now(), written.is_ok()));
        written
    }
}

/// Inserts and deletes a row in one transaction.
async fn write(writer: &SqlitePool) -> sqlx::Result<()> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    // No form has this id, since ids are random.
    sqlx::query("INSERT INTO form_state (id, data, expires_at) VALUES (zeroblob(16), hex(zeroblob(?)), 0)")
        .bind(TRIAL_SIZE / 2)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("DELETE FROM form_state WHERE id = zeroblob(16)").execute(&mut *transaction).await?;
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts::ports::{AttemptId, AttemptLimits, Limit, LimitKey, Sessions, Step, StoreError},
        adapters::{clock::SystemClock, embedded::Embedded},
    };

    async fn store() -> (tempfile::TempDir, Embedded) {
        let folder = tempfile::tempdir().unwrap();
        let store = Embedded::open(folder.path(), Arc::new(SystemClock)).await.unwrap();
        (folder, store)
    }

    /// Stops the file from growing, until the connection is replaced.
    async fn fill(store: &Embedded) {
        sqlx::query("PRAGMA max_page_count = 1").execute(&store.writer).await.unwrap();
    }

    /// A write in a transaction.
    async fn reserve(store: &Embedded, number: u32) -> Result<(), StoreError> {
        let limit = Limit::new(Duration::from_hours(1), [Step { below: 9, delay: Duration::ZERO }]);
        let key = LimitKey::LogInFrom(std::net::Ipv4Addr::from_bits(number).into());
        store.reserve(&key, limit, AttemptId::from_bytes([1; 16]), time::OffsetDateTime::UNIX_EPOCH).await.map(drop)
    }

    #[tokio::test]
    async fn n16_d5_a_full_disk_fails_a_write_and_no_write_after_it() {
        let (_folder, store) = store().await;
        fill(&store).await;
        let mut number = 0;
        let error = loop {
            number += 1;
            if let Err(error) = reserve(&store, number).await {
                break error;
            }
            assert!(number < 10_000, "the file grows");
        };
        assert!(
            matches!(&error, StoreError::Unavailable { source, .. } if source.to_string().contains("full")),
            "{error:?}"
        );
        for number in 10_000..10_100 {
            reserve(&store, number).await.unwrap();
        }
    }

    #[tokio::test]
    async fn n16_d5_a_store_that_cannot_be_written_to_is_not_ready_until_it_can() {
        let (_folder, store) = store().await;
        fill(&store).await;
        assert!(Sessions::ping(&store).await.is_err());
        assert!(Sessions::ping(&store).await.is_err(), "it is not tried again at once");
        let started = Instant::now();
        while Sessions::ping(&store).await.is_err() {
            assert!(started.elapsed() < Duration::from_secs(5), "it is not tried again");
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn n16_whoever_asks_often_does_not_wear_out_the_disk() {
        let (folder, store) = store().await;
        let size = || fs::metadata(folder.path().join("doorstep.db-wal")).unwrap().len();
        Sessions::ping(&store).await.unwrap();
        let before = size();
        for _ in 0..100 {
            Sessions::ping(&store).await.unwrap();
        }
        assert!(size() - before < 10 * 4096, "{} bytes were written", size() - before);
    }
}
