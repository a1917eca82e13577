//! Keeps the connections usable when the disk is not: full, read-only, failing, or without the file.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{Connection, SqliteConnection, SqlitePool, pool::PoolConnectionMetadata, sqlite::SqlitePoolOptions};
use tokio::time::Instant;

use super::pool;

/// How long the outcome of a trial write is taken for the truth: whoever asks often must not wear out the disk.
const TRIAL_INTERVAL: Duration = Duration::from_secs(3);

/// How many bytes a trial writes: a page and more, since a full disk still has room in pages that are there.
const TRIAL_SIZE: i64 = 5000;

/// Returns connections that are opened once and kept, for as long as they can be used and their file is the one at `path`.
pub(super) fn kept_pool(size: u32, file: &Arc<CurrentFile>) -> SqlitePoolOptions {
    let file = file.clone();
    pool(size).after_release(|connection, _| Box::pin(is_outside_transaction(connection))).before_acquire(
        move |_, metadata| {
            let is_current = file.is_open_on(&metadata);
            Box::pin(async move { Ok(is_current) })
        },
    )
}

/// Returns false for a connection that counts itself inside of a transaction after its last user is gone. SQLite rolls a
/// transaction back by itself when the disk is full or fails, the rollback that follows is an error then, and the
/// connection would refuse every other transaction. It is replaced.
async fn is_outside_transaction(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    if connection.is_in_transaction() {
        // The rollback is carried out before the answer.
        connection.ping().await?;
    }
    let is_outside = !connection.is_in_transaction();
    if !is_outside {
        tracing::warn!("a connection to the file is replaced: a transaction on it failed");
    }
    Ok(is_outside)
}

/// The file that a path leads to. What is written to a file that was removed or replaced is lost, so connections to it are
/// closed.
pub(super) struct CurrentFile {
    path: PathBuf,
    seen: Mutex<Seen>,
}

struct Seen {
    /// The device and the inode; `None` while there is no file.
    identity: Option<(u64, u64)>,
    since: std::time::Instant,
}

impl CurrentFile {
    pub fn new(path: &Path) -> Arc<Self> {
        let seen = Seen { identity: identity(path), since: std::time::Instant::now() };
        Arc::new(Self { path: path.to_owned(), seen: Mutex::new(seen) })
    }

    /// Returns true if the connection was opened on the file that is there now.
    fn is_open_on(&self, connection: &PoolConnectionMetadata) -> bool {
        let identity = identity(&self.path);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.identity != identity {
            *seen = Seen { identity, since: std::time::Instant::now() };
        }
        identity.is_some() && connection.age < seen.since.elapsed()
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// Knows whether the file can be written to.
#[derive(Default)]
pub(super) struct Trials(tokio::sync::Mutex<Option<(Instant, bool)>>);

impl Trials {
    /// Returns `Ok` if a trial write succeeded a moment ago, or does now.
    pub async fn try_writing(&self, writer: &SqlitePool) -> sqlx::Result<()> {
        let mut last = self.0.lock().await;
        match *last {
            Some((at, true)) if at.elapsed() < TRIAL_INTERVAL => return Ok(()),
            // A file that could not be written to is tried again soon, since nobody is served meanwhile.
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

/// Writes and removes a row, in one transaction.
async fn write(writer: &SqlitePool) -> sqlx::Result<()> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    // No form has this id: they are drawn by chance.
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

    /// Allows the file no page more than it has, until the connection is replaced.
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
