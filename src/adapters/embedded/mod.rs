//! The embedded store: everything in one SQLite file, for a shop on one machine without database servers.
//!
//! An acknowledged write is on the disk: the write-ahead log is synced at every commit. All writes go through one
//! connection, so that they never find the file locked by another one. Reads have their own connections.

mod archive;
mod backup;
mod browsers;
mod customers;
mod files;
mod form_state;
mod former;
mod limits;
mod mark;
mod memory;
mod openers;
mod outbox;
mod sessions;
mod signing_keys;
mod timeline;
mod trials;
mod upkeep;

use std::{error::Error, fmt, path::Path, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions, Connection, Row, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
    },
};
use time::OffsetDateTime;

pub use self::backup::{RestoreError, back_up, restore};
use self::{
    files::{Files, connect_options},
    memory::Memory,
    openers::Opening,
    upkeep::{CurrentFiles, LARGEST_LOG, kept_readers, kept_writer},
};
use super::{from_millis, to_millis, trials::Trials};
use crate::{
    accounts::ports::{Clock, StoreError, StoreName},
    workers::Workers,
};

static MIGRATIONS: Migrator = sqlx::migrate!("src/adapters/embedded/migrations");

/// The name of the file in the data folder.
const FILE: &str = "doorstep.db";

/// The number of connections for reading. Each is a thread, and more threads than a small machine's cores bring no
/// gain.
const READERS: u32 = 4;

/// How long an operation waits for a connection, and then for another process that writes to the file. The sum is less
/// than the three seconds within which every request is answered.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(1750);
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);

/// The time limit of the health check.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// Deletes expired rows, 500 at a time, so that no request waits long for it.
const SWEEP: [&str; 6] = [
    "DELETE FROM sessions WHERE (customer, id) IN
        (SELECT customer, id FROM sessions WHERE expires_at <= ? LIMIT 500)",
    "DELETE FROM limits WHERE name IN (SELECT name FROM limits WHERE expires_at <= ? LIMIT 500)",
    "DELETE FROM attempts WHERE (name, id) IN (SELECT name, id FROM attempts WHERE expires_at <= ? LIMIT 500)",
    "DELETE FROM form_state WHERE id IN (SELECT id FROM form_state WHERE expires_at <= ? LIMIT 500)",
    "DELETE FROM browsers WHERE (customer, browser) IN
        (SELECT customer, browser FROM browsers WHERE expires_at <= ? LIMIT 500)",
    "DELETE FROM timeline WHERE id IN (SELECT id FROM timeline WHERE expires_at <= ? LIMIT 500)",
];

/// The embedded store. Clones share its connections.
#[derive(Clone)]
pub struct Embedded {
    writer: SqlitePool,
    readers: SqlitePool,
    current: Arc<CurrentFiles>,
    memory: Arc<Memory>,
    /// For form state only. The other ports receive the time as an argument.
    clock: Arc<dyn Clock>,
    workers: Workers,
    trials: Arc<Trials>,
}

impl Embedded {
    /// Returns true if there is a store or a part of one in `data_dir`.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn exists(data_dir: &Path) -> Result<bool, StoreError> {
        Files::of(data_dir).exist()
    }

    /// Opens the store in `data_dir`. Creates both if they are missing, accessible to this user only.
    ///
    /// # Errors
    /// If the folder or the file cannot be created or read, was written by a newer version of this program, or is only
    /// a part of a store.
    pub async fn open(data_dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let files = Files::of(data_dir);
        files.create_folder()?;
        let mut opening = Opening::begin(&files).await?;
        if opening.is_alone() {
            files.remove_drafts();
        }
        let opened = async {
            files.create().await?;
            let is_without_log = files.is_without_log();
            let current = CurrentFiles::new(Files::of(data_dir));
            let writer = kept_writer(&current).connect_with(writing(&files)).await.map_err(unavailable)?;
            let usable = match opening.confirm(&files) {
                Ok(()) => bring_up_to_date(&files, &writer, is_without_log).await,
                changed => changed,
            };
            if let Err(refusal) = usable {
                // SQLite deletes its new log when it closes, so the next start sees the same state.
                writer.close().await;
                return Err(refusal);
            }
            Ok((current, writer))
        };
        let (current, writer) = match opened.await {
            Ok(opened) => opened,
            Err(refusal) => return Err(opening.refuse(&files, refusal)),
        };
        // A full disk may have space later. The mark is retried in the background.
        if let Err(error) = current.keep_marked(&writer).await {
            tracing::warn!(error = &error as &dyn Error, "store file not marked as in use");
        }
        let reading = options(&files).read_only(true);
        let readers = kept_readers(READERS, &current).connect_with(reading).await.map_err(unavailable)?;
        current.hold(opening.finish(&files));
        let memory = Memory::new();
        let workers = Workers::new();
        memory.watch(writer.clone(), current.clone(), &workers);
        Ok(Self { writer, readers, current, memory, clock, workers, trials: Arc::default() })
    }

    /// Returns the migrations that [`Self::open`] would run, as text.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub async fn pending_migrations(data_dir: &Path) -> Result<Vec<String>, StoreError> {
        let files = Files::of(data_dir);
        let taken: Vec<i64> = look_up(&files, "SELECT version FROM _sqlx_migrations").await?;
        if let Some(unknown) = taken.iter().find(|version| !MIGRATIONS.version_exists(**version)) {
            return Err(files.newer(MigrateError::VersionMissing(*unknown)));
        }
        let pending = MIGRATIONS.iter().filter(|migration| !taken.contains(&migration.version));
        Ok(pending.map(|migration| format!("{} {}", migration.version, migration.description)).collect())
    }

    /// Returns the path of the file in `data_dir` and its number of customers, which is 0 if the file does not exist.
    ///
    /// # Errors
    /// If the file cannot be read, or is only a part of a store.
    pub async fn count_customers(data_dir: &Path) -> Result<(String, u64), StoreError> {
        let files = Files::of(data_dir);
        let counted = look_up(&files, "SELECT count(*) FROM customers").await?;
        Ok((files.file.display().to_string(), counted.first().map_or(0, |count| count.unsigned_abs())))
    }

    /// Removes everything that has expired at `now`. Affects only the size of the file.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn sweep(&self, now: OffsetDateTime) -> Result<(), StoreError> {
        for step in SWEEP {
            while self.write(sqlx::query(step).bind(to_millis(now)), "expired data").await? > 0 {}
        }
        Ok(())
    }

    /// Returns the background tasks of this store.
    #[must_use]
    pub fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Waits for running operations and closes the file. The last program that does so moves the log into it.
    pub async fn close(&self) {
        let close = async |is_alone: bool| {
            self.readers.close().await;
            if is_alone
                && !self.current.is_blocked()
                && let Ok(mut writer) = self.writer.acquire().await
                && let Err(error) = mark::clear(&mut writer).await
            {
                tracing::debug!(error = &error as &dyn Error, "store file still marked as in use");
            }
            self.writer.close().await;
        };
        match self.current.opener() {
            Some(opener) => opener.leave(&self.current.files, close).await,
            None => close(false).await,
        }
    }

    /// Runs one statement that changes `record`, and returns the number of rows that it changed.
    async fn write(&self, statement: Statement<'_>, record: impl fmt::Display) -> Result<u64, StoreError> {
        statement.execute(&self.writer).await.map(|done| done.rows_affected()).map_err(failed(record))
    }

    /// Runs a change of a cached record to the end, even if its caller is cancelled. If it stopped between the file and
    /// the cache, an ended session would stay valid.
    async fn see_through<T, F>(&self, change: impl FnOnce(Self) -> F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        tokio::spawn(change(self.clone())).await.unwrap_or_else(|panicked| Err(unavailable(panicked)))
    }

    /// Returns `Ok` if the file can be read and written.
    async fn ping(&self) -> Result<(), StoreError> {
        let try_both = async {
            sqlx::query("SELECT 1 FROM customers LIMIT 1").fetch_optional(&self.readers).await?;
            let failed = |text| sqlx::Error::Io(std::io::Error::other(text));
            self.trials.try_writing(trials::write(&self.writer), failed).await
        };
        // A disk may hang instead of failing.
        tokio::time::timeout(PING_TIMEOUT, try_both).await.map_err(unavailable)?.map_err(unavailable)
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").finish_non_exhaustive()
    }
}

type Statement<'a> = sqlx::query::Query<'a, sqlx::Sqlite, SqliteArguments>;

/// Returns true if the tables exist.
async fn is_migrated(writer: &SqlitePool) -> sqlx::Result<bool> {
    let table = sqlx::query("SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations'");
    table.fetch_optional(writer).await.map(|table| table.is_some())
}

/// Returns the options of all connections of a store that is in use.
fn options(files: &Files) -> SqliteConnectOptions {
    connect_options(&files.file)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

/// Returns the options of the connection that writes.
fn writing(files: &Files) -> SqliteConnectOptions {
    options(files)
        .journal_mode(SqliteJournalMode::Wal)
        // The log is moved into the file only together with the mark.
        .pragma("wal_autocheckpoint", "0")
        .pragma("journal_size_limit", LARGEST_LOG.to_string())
}

/// Migrates the tables of an open store.
async fn bring_up_to_date(files: &Files, writer: &SqlitePool, is_without_log: bool) -> Result<(), StoreError> {
    if is_without_log && !is_migrated(writer).await.map_err(unavailable)? {
        // An earlier version wrote the tables of a new store to the log and did not mark the file.
        return Err(files.without_log("there are no tables"));
    }
    migrate(writer).await.map_err(|error| match error {
        MigrateError::VersionMissing(_) => files.newer(error),
        error => unavailable(error),
    })
}

/// Returns the first column of a query's rows, which is empty if there is no store. Writes nothing.
async fn look_up(files: &Files, query: &'static str) -> Result<Vec<i64>, StoreError> {
    if !files.exist()? {
        return Ok(Vec::new());
    }
    let opening = Opening::begin(files).await?;
    let has_log = files.log.exists();
    let found = async {
        let options = connect_options(&files.file).read_only(true).disable_statement_logging();
        let mut connection = options.connect().await?;
        let found = sqlx::query_scalar(query).fetch_all(&mut connection).await;
        connection.close().await?;
        found
    };
    let found = found.await.map_err(unavailable);
    if opening.is_alone() && !has_log {
        files.remove_empty_log();
    }
    opening.abandon(files);
    found
}

/// Migrates the tables in one transaction, and never in two programs at once.
async fn migrate(writer: &SqlitePool) -> Result<(), MigrateError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    MIGRATIONS.run(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// Migrates a file that is not in use elsewhere, and leaves no other file beside it.
async fn migrate_unshared_file(file: &Path) -> Result<(), MigrateError> {
    let options = connect_options(file).journal_mode(SqliteJournalMode::Memory);
    let writer = pool(1).connect_with(options.disable_statement_logging()).await?;
    let migrated = migrate(&writer).await;
    writer.close().await;
    migrated
}

/// Returns a pool whose connections are opened once and kept. Without a network they cannot be lost.
fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .min_connections(size)
        .max_connections(size)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

fn unavailable(source: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unavailable { store: StoreName::Embedded, source: Box::new(source) }
}

/// Returns a function that converts the error of a statement about `record`.
fn failed(record: impl fmt::Display) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |error| match error {
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            StoreError::Corrupt { store: StoreName::Embedded, record: record.to_string(), source: Box::new(error) }
        }
        _ => unavailable(error),
    }
}

/// Reads a column of exactly `N` bytes.
fn bytes<const N: usize>(row: &SqliteRow, column: &str) -> sqlx::Result<[u8; N]> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes.try_into().map_err(|error| unreadable(column, error))
}

/// Reads a column that holds a time.
fn time(row: &SqliteRow, column: &str) -> sqlx::Result<OffsetDateTime> {
    from_millis(row.try_get(column)?).map_err(|error| unreadable(column, error))
}

/// Returns the error for a column whose value has the right type and is invalid.
fn unreadable(column: &str, source: impl Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(source) }
}
