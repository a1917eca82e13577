//! Keeps the connections usable when the disk fails (full, read-only, with errors), and stops them when the files of
//! the store are removed or replaced.

use std::{
    fs, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use sqlx::{Connection, SqliteConnection, SqlitePool, pool::PoolConnectionMetadata, sqlite::SqlitePoolOptions};

use super::{
    files::Files,
    mark::mark,
    openers::{Identity, Opener, Turn, record},
    pool,
};

/// The size at which the log is moved into the file, in bytes.
pub(super) const LARGEST_LOG: u64 = 4 * 1024 * 1024;

/// Returns the options of the connection that writes. It is kept while it is usable and its files are the current ones.
pub(super) fn kept_writer(files: &Arc<CurrentFiles>) -> SqlitePoolOptions {
    let (connected, acquired) = (files.clone(), files.clone());
    let pool = kept_pool(1, files).after_connect(move |_, _| {
        connected.note_writer();
        Box::pin(async { Ok(()) })
    });
    pool.before_acquire(move |connection, metadata| {
        let files = acquired.clone();
        Box::pin(async move {
            match files.standing(&metadata) {
                Standing::Current => files.unblock(connection).await.map(|()| true),
                Standing::Superseded => Ok(false),
                Standing::Blocked => files.block(connection).await.map(|()| true),
                Standing::LogLost => {
                    files.unblock(connection).await?;
                    Ok(!files.salvage(connection).await)
                }
            }
        })
    })
}

/// Returns the options of the connections that read. They still see everything when the log was removed. Then the
/// writer has to act.
pub(super) fn kept_readers(size: u32, files: &Arc<CurrentFiles>) -> SqlitePoolOptions {
    let acquired = files.clone();
    kept_pool(size, files).before_acquire(move |connection, metadata| {
        let files = acquired.clone();
        Box::pin(async move {
            match files.standing(&metadata) {
                Standing::Current | Standing::LogLost => files.unblock(connection).await.map(|()| true),
                Standing::Superseded => Ok(false),
                Standing::Blocked => files.block(connection).await.map(|()| true),
            }
        })
    })
}

fn kept_pool(size: u32, files: &Arc<CurrentFiles>) -> SqlitePoolOptions {
    let files = files.clone();
    pool(size).after_release(move |connection, _| {
        let files = files.clone();
        Box::pin(async move {
            // A connection that is replaced while the files are lost would open the wrong files.
            let is_kept = !connection.is_in_transaction() || files.is_blocked();
            Ok(is_kept || is_outside_transaction(connection).await?)
        })
    })
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

/// The files that the connections have open, compared with the files at the store's paths.
pub(super) struct CurrentFiles {
    pub files: Files,
    opener: std::sync::OnceLock<Opener>,
    seen: Mutex<Seen>,
    /// True if the file itself is marked as in use.
    is_marked: AtomicBool,
    /// True if a connection was blocked since the start.
    was_blocked: AtomicBool,
    /// The number of connections that were opened for writing.
    writers: AtomicU64,
}

struct Seen {
    /// The file of the connections. Never changes: a log must not be used with another file.
    file: Option<Identity>,
    /// The log of the connections, and its index. `None` until they are known.
    log: Option<Identity>,
    index: Option<Identity>,
    /// True if that log was removed or replaced and has not been moved into the file since.
    is_log_lost: bool,
    /// True if a log was moved into the file after it was lost. The log that replaces it is not recorded yet.
    is_salvaged: bool,
    /// Older connections have to be opened again.
    since: Instant,
    /// Why no connection can be used.
    problem: Option<&'static str>,
}

/// The state of a connection.
enum Standing {
    Current,
    /// The connection has a log open that was moved into the file.
    Superseded,
    /// The connection's log was removed or replaced, and has content that is missing in the file.
    LogLost,
    /// The connection has files open that cannot be used until they are back, and must not be opened again.
    Blocked,
}

/// The problem of a file that is not at its path.
const FILE_LOST: &str = "doorstep.db was removed or replaced while in use; put the old file back, or stop the program, \
                         move away doorstep.db*, put the new file in place and start the program";

/// The problem of an index that is not at its path. No write is lost.
const INDEX_LOST: &str = "doorstep.db-shm was removed or replaced while in use; restart the program";

/// The problem of a log that another process has open as well.
const LOG_SHARED: &str = "doorstep.db-wal was removed or replaced while several processes have the store open; stop the \
                          other processes, or restart all of them";

impl CurrentFiles {
    /// Returns the current files. Must be called before the first connection is opened.
    pub fn new(files: Files) -> Arc<Self> {
        let seen = Mutex::new(Seen {
            file: Identity::of(&files.file),
            log: None,
            index: None,
            is_log_lost: false,
            is_salvaged: false,
            since: Instant::now(),
            problem: None,
        });
        Arc::new(Self {
            files,
            opener: std::sync::OnceLock::new(),
            seen,
            is_marked: AtomicBool::new(false),
            was_blocked: AtomicBool::new(false),
            writers: AtomicU64::new(0),
        })
    }

    /// Keeps the lock of this process.
    pub fn hold(&self, opener: Opener) {
        let _ = self.opener.set(opener);
    }

    /// Returns the lock of this process, or `None` while the store is being opened.
    pub fn opener(&self) -> Option<&Opener> {
        self.opener.get()
    }

    /// Returns the number of connections that were opened for writing.
    pub fn writers(&self) -> u64 {
        self.writers.load(Ordering::Relaxed)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns true if no connection can be used because a file is not at its path.
    pub fn is_blocked(&self) -> bool {
        self.note_problem(&mut self.seen()).is_some()
    }

    /// Returns the problem with the files, and logs it when it begins and ends.
    fn note_problem(&self, seen: &mut Seen) -> Option<&'static str> {
        let problem = if Identity::of(&self.files.file) != seen.file {
            Some(FILE_LOST)
        } else if seen.index.is_some() && Identity::of(&self.files.index) != seen.index {
            Some(INDEX_LOST)
        } else {
            None
        };
        match problem {
            Some(problem) if seen.problem != Some(problem) => tracing::error!("requests refused: {problem}"),
            None if seen.problem.is_some_and(|problem| problem != LOG_SHARED) => {
                tracing::warn!("requests served again: the store's files are back");
            }
            _ => {}
        }
        if problem.is_some() || seen.problem != Some(LOG_SHARED) {
            seen.problem = problem;
        }
        problem
    }

    fn standing(&self, connection: &PoolConnectionMetadata) -> Standing {
        let mut seen = self.seen();
        if self.note_problem(&mut seen).is_some() {
            return Standing::Blocked;
        }
        if connection.age >= seen.since.elapsed() {
            return Standing::Superseded;
        }
        seen.is_log_lost |= seen.log.is_some() && seen.log != Identity::of(&self.files.log);
        if seen.is_log_lost { Standing::LogLost } else { Standing::Current }
    }

    /// Makes every statement of a connection fail. The connection stays open: to open it again would use the wrong
    /// files.
    async fn block(&self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        self.was_blocked.store(true, Ordering::Relaxed);
        connection.lock_handle().await?.set_progress_handler(1, || false);
        Ok(())
    }

    /// Reverts [`Self::block`].
    async fn unblock(&self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        if self.was_blocked.load(Ordering::Relaxed) {
            connection.lock_handle().await?.remove_progress_handler();
        }
        Ok(())
    }

    /// Moves the content of a log that was removed but is still open into the file, unless another process has the
    /// store open. Returns true on success. Then all connections have to be replaced. Otherwise the connection refuses
    /// writes, since they would be lost.
    async fn salvage(&self, connection: &mut SqliteConnection) -> bool {
        match self.move_lost_log(connection).await {
            Ok(true) => {}
            Ok(false) => {
                let mut seen = self.seen();
                if seen.problem != Some(LOG_SHARED) {
                    tracing::error!("requests refused: {LOG_SHARED}");
                    seen.problem = Some(LOG_SHARED);
                }
                return false;
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "store log removed: its contents cannot be saved");
                return false;
            }
        }
        tracing::warn!("store log removed or replaced: its contents were moved into the store file");
        let mut seen = self.seen();
        *seen =
            Seen { log: None, is_log_lost: false, is_salvaged: true, since: Instant::now(), problem: None, ..*seen };
        self.is_marked.store(false, Ordering::Relaxed);
        true
    }

    /// Makes the connection read-only, and moves its open log into the file. Returns false if another process has the
    /// store open.
    async fn move_lost_log(&self, connection: &mut SqliteConnection) -> sqlx::Result<bool> {
        sqlx::query("PRAGMA query_only = ON").execute(&mut *connection).await?;
        let (Some(turn), Some(opener)) = (Turn::try_take(&self.files)?, self.opener()) else { return Ok(false) };
        if !opener.is_alone(&turn)? {
            return Ok(false);
        }
        // A failed attempt is repeated soon, so the wait is short.
        sqlx::query("PRAGMA busy_timeout = 100").execute(&mut *connection).await?;
        // With TRUNCATE, no connection reads from the log afterwards, and a new log can replace it.
        let is_busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection).await?;
        if is_busy == 0 { Ok(true) } else { Err(io::Error::other("the log is being read").into()) }
    }

    /// Marks the file as in use, if it is not marked, and moves the log into it when it has become large.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub async fn keep_marked(&self, writer: &SqlitePool) -> sqlx::Result<()> {
        let is_small = || fs::metadata(&self.files.log).is_ok_and(|log| log.len() <= LARGEST_LOG);
        if (self.is_marked.load(Ordering::Relaxed) && is_small()) || self.is_blocked() {
            return Ok(());
        }
        let mut writer = writer.acquire().await?;
        self.is_marked.store(mark(&mut writer).await?, Ordering::Relaxed);
        self.note_log();
        Ok(())
    }

    fn note_writer(&self) {
        self.writers.fetch_add(1, Ordering::Relaxed);
        self.note_log();
    }

    /// Notes which log and index the writer has open.
    fn note_log(&self) {
        let mut seen = self.seen();
        seen.log = seen.log.or_else(|| Identity::of(&self.files.log));
        seen.index = seen.index.or_else(|| Identity::of(&self.files.index));
        if seen.is_salvaged {
            seen.is_salvaged = false;
            record(&self.files);
        }
    }
}
