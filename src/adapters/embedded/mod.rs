//! The embedded store: everything in one SQLite file, for a shop on one machine that wants no servers to look after.
//!
//! What was acknowledged is on the disk: the log is written ahead and synced at every commit. All writes go through
//! one connection, so that none of them ever finds the file locked by a neighbour; reads have their own.

mod archive;
mod backup;
mod browsers;
mod customers;
mod files;
mod form_state;
mod former;
mod limits;
mod memory;
mod outbox;
mod sessions;
mod signing_keys;
mod timeline;
mod upkeep;

use std::{
    error::Error,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    ConnectOptions, Row, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
    },
};
use time::OffsetDateTime;

pub use self::backup::{RestoreError, back_up, restore};
use self::{
    files::Files,
    memory::Memory,
    upkeep::{CurrentFiles, LARGEST_LOG, Trials, kept_readers, kept_writer},
};
use super::{from_millis, to_millis};
use crate::{
    accounts::ports::{Clock, StoreError, StoreName},
    workers::Workers,
};

static MIGRATIONS: Migrator = sqlx::migrate!("src/adapters/embedded/migrations");

/// The file's name inside the folder that is given.
const FILE: &str = "doorstep.db";

/// Each is a thread, and more than the cores of a small machine gain nothing.
const READERS: u32 = 4;

/// How long an operation waits for a connection, and then for another process that writes to the file: less than three seconds
/// in all, within which a caller is promised an answer.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(1750);
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);

/// How long the check of the store's health may take.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// Remove expired rows, 500 at a time, so that no request waits long behind them.
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
    memory: Arc<Memory>,
    /// For form state alone: to the other ports the time is told.
    clock: Arc<dyn Clock>,
    workers: Workers,
    trials: Arc<Trials>,
}

impl Embedded {
    /// Returns true if there is a store in `data_dir`, or a part of one.
    #[must_use]
    pub fn exists(data_dir: &Path) -> bool {
        Files::of(data_dir).exist()
    }

    /// Opens the store in `data_dir`, and makes both where they are missing, for this user alone.
    ///
    /// # Errors
    /// When the folder or the file cannot be made or read, was written by a newer version of this program, or is a part of
    /// a store.
    pub async fn open(data_dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let files = Files::of(data_dir);
        files.check().await?;
        files.create(data_dir).await?;
        let is_without_log = files.is_without_log();
        let options = SqliteConnectOptions::new()
            .filename(&files.file)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .disable_statement_logging();
        let writing = options
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            // The log is moved into the file together with the mark alone.
            .pragma("wal_autocheckpoint", "0")
            .pragma("journal_size_limit", LARGEST_LOG.to_string());
        let current = CurrentFiles::new(files);
        let writer = kept_writer(&current).connect_with(writing).await.map_err(unavailable)?;
        if is_without_log && !is_migrated(&writer).await.map_err(unavailable)? {
            // SQLite takes its new log away again, so that the next start sees the same.
            writer.close().await;
            // An earlier version wrote the tables of a new store to the log, and did not mark the file.
            return Err(Files::of(data_dir).without_log("there are no tables"));
        }
        migrate(&writer).await.map_err(unavailable)?;
        // A disk that is full now may have room later; it is tried again in the background.
        if let Err(error) = current.keep_marked(&writer).await {
            tracing::warn!(error = &error as &dyn Error, "the file could not be marked as in use");
        }
        let readers =
            kept_readers(READERS, &current).connect_with(options.read_only(true)).await.map_err(unavailable)?;
        let memory = Memory::new();
        let workers = Workers::new();
        memory.watch(writer.clone(), current, &workers);
        Ok(Self { writer, readers, memory, clock, workers, trials: Arc::default() })
    }

    /// What [`Self::open`] would bring up to date, in words.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn pending_migrations(data_dir: &Path) -> Result<Vec<String>, StoreError> {
        let files = Files::of(data_dir);
        files.check().await?;
        let taken: Vec<i64> = if files.exist() {
            let mut connection = read_only(files.file).await?;
            let taken = sqlx::query_scalar("SELECT version FROM _sqlx_migrations").fetch_all(&mut connection).await;
            taken.map_err(unavailable)?
        } else {
            Vec::new()
        };
        let pending = MIGRATIONS.iter().filter(|migration| !taken.contains(&migration.version));
        Ok(pending.map(|migration| format!("{} {}", migration.version, migration.description)).collect())
    }

    /// Returns the path of the file in `data_dir` and how many customers are in it: none where there is no file yet.
    ///
    /// # Errors
    /// When the file cannot be read, or is a part of a store.
    pub async fn count_customers(data_dir: &Path) -> Result<(String, u64), StoreError> {
        let files = Files::of(data_dir);
        files.check().await?;
        let name = files.file.display().to_string();
        if !files.exist() {
            return Ok((name, 0));
        }
        let mut connection = read_only(files.file).await?;
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM customers")
            .fetch_one(&mut connection)
            .await
            .map_err(unavailable)?;
        Ok((name, count.unsigned_abs()))
    }

    /// Removes what has expired at `now`. Nothing depends on it but the size of the file.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn sweep(&self, now: OffsetDateTime) -> Result<(), StoreError> {
        for step in SWEEP {
            while self.write(sqlx::query(step).bind(to_millis(now)), "what has expired").await? > 0 {}
        }
        Ok(())
    }

    /// Returns the background tasks that keep this store right.
    #[must_use]
    pub fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Finishes what is being done and closes the file. The last to do so, of all programs, moves the log into it.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Runs one statement that changes `record`, and says how many rows it changed.
    async fn write(&self, statement: Statement<'_>, record: impl fmt::Display) -> Result<u64, StoreError> {
        statement.execute(&self.writer).await.map(|done| done.rows_affected()).map_err(failed(record))
    }

    /// Makes a change to what is remembered, and sees it through even when nobody waits for it any more: cut off between
    /// the file and the memory, it would leave a session alive that was ended.
    async fn see_through<T, F>(&self, change: impl FnOnce(Self) -> F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        tokio::spawn(change(self.clone())).await.unwrap_or_else(|panicked| Err(unavailable(panicked)))
    }

    /// Returns `Ok` if the file can be read and written to.
    async fn ping(&self) -> Result<(), StoreError> {
        let try_both = async {
            sqlx::query("SELECT 1 FROM customers LIMIT 1").fetch_optional(&self.readers).await?;
            self.trials.try_writing(&self.writer).await
        };
        // A disk may hang, too.
        tokio::time::timeout(PING_TIMEOUT, try_both).await.map_err(unavailable)?.map_err(unavailable)
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").finish_non_exhaustive()
    }
}

type Statement<'a> = sqlx::query::Query<'a, sqlx::Sqlite, SqliteArguments>;

/// Returns true if there are tables.
async fn is_migrated(writer: &SqlitePool) -> sqlx::Result<bool> {
    let table = sqlx::query("SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations'");
    table.fetch_optional(writer).await.map(|table| table.is_some())
}

async fn read_only(file: PathBuf) -> Result<SqliteConnection, StoreError> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).disable_statement_logging();
    options.connect().await.map_err(unavailable)
}

/// Brings the tables up to date, in one transaction: all of it or nothing, and never two programs at once.
async fn migrate(writer: &SqlitePool) -> Result<(), MigrateError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    MIGRATIONS.run(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// Brings a file that nobody else uses to the tables of this version, and leaves no other file beside it.
async fn migrate_alone(file: &Path) -> Result<(), MigrateError> {
    let options = SqliteConnectOptions::new().filename(file).journal_mode(SqliteJournalMode::Memory);
    let writer = pool(1).connect_with(options.disable_statement_logging()).await?;
    let migrated = migrate(&writer).await;
    writer.close().await;
    migrated
}

/// Connections that are opened once and kept: there is no network on which they could be lost.
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

/// What it means that a statement about `record` failed.
fn failed(record: impl fmt::Display) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |error| match error {
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            StoreError::Corrupt { store: StoreName::Embedded, record: record.to_string(), source: Box::new(error) }
        }
        _ => unavailable(error),
    }
}

/// A column of exactly `N` bytes.
fn bytes<const N: usize>(row: &SqliteRow, column: &str) -> sqlx::Result<[u8; N]> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes.try_into().map_err(|error| unreadable(column, error))
}

/// A column that holds a time.
fn time(row: &SqliteRow, column: &str) -> sqlx::Result<OffsetDateTime> {
    from_millis(row.try_get(column)?).map_err(|error| unreadable(column, error))
}

/// A column whose value is of the right type and still makes no sense.
fn unreadable(column: &str, source: impl Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(source) }
}
