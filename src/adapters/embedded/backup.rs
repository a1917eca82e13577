//! Backup and restore of the embedded store. Both work on a consistent state while other processes use the store.

use std::{
    error::Error,
    fs::{self, File},
    io,
    path::Path,
    sync::Arc,
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::{
    AssertSqlSafe, Connection, SqliteConnection, error::DatabaseError, migrate::MigrateError, sqlite::SqliteJournalMode,
};

use super::{
    Embedded, failed,
    files::{self, Files, connect_options},
    mark, migrate_unshared_file,
    openers::Opening,
    unavailable,
};
use crate::{
    accounts::ports::{Clock, StoreError},
    adapters::{named, new_file::NewFile},
};

/// The tables that a backup restores. Each follows the tables that it refers to.
const RESTORED: [&str; 5] = ["customers", "browsers", "timeline", "signing_keys", "outbox"];

/// The tables that a restore empties. A session that was ended after the backup must not become valid again.
const EMPTIED: [&str; 4] = ["sessions", "limits", "attempts", "form_state"];

/// SQLite's code for a file that starts like a database and is malformed (`SQLITE_CORRUPT`).
const CORRUPT: &str = "11";

/// Why a backup cannot be restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error("the file cannot be read")]
    Unreadable(#[source] io::Error),
    #[error("the file is not a Doorstep store: {0}")]
    Foreign(String),
    #[error("the file is damaged: {0}")]
    Damaged(String),
    #[error("the file was written by a newer version of Doorstep")]
    Newer,
    #[error(
        "the file is incomplete because it was copied without its log (-wal): copy both while the program is stopped, or \
         use doorstep backup"
    )]
    Half,
    #[error("the contents of the file cannot be restored: {0}")]
    Unfit(String),
    #[error("the file cannot be copied")]
    NoPlace(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies the current content of the store in `data_dir`, except form state, into the existing empty file `file`. Only
/// reads the store, and also supports stores of older versions.
///
/// # Errors
/// If there is no store or only a part of one, or the file cannot be written.
pub async fn back_up(data_dir: &Path, file: &Path) -> Result<(), StoreError> {
    let files = Files::of(data_dir);
    if !files.exist()? {
        let error = io::Error::new(io::ErrorKind::NotFound, format!("no store at {}", files.file.display()));
        return Err(unavailable(error));
    }
    let opening = Opening::begin(&files).await?;
    let mut store = match open_store(&files).await {
        Ok(store) => store,
        Err(error) => return Err(opening.refuse(&files, unavailable(error))),
    };
    let opener = opening.finish(&files);
    let copied = copy(&mut store, file).await.map_err(failed("the whole store"));
    let closed = opener.leave(&files, |is_alone| close(store, is_alone)).await;
    copied.and(closed.map_err(unavailable))?;
    tidy(file).await.map_err(failed("form states"))
}

/// Opens a store, and reads from it, so that SQLite opens all its files.
async fn open_store(files: &Files) -> sqlx::Result<SqliteConnection> {
    let options = connect_options(&files.file);
    let mut store = SqliteConnection::connect_with(&options).await?;
    sqlx::query("PRAGMA user_version").fetch_one(&mut store).await?;
    Ok(store)
}

/// Closes a store. Clears its mark first, if no other process has it open.
async fn close(mut store: SqliteConnection, is_alone: bool) -> sqlx::Result<()> {
    if is_alone {
        mark::clear(&mut store).await?;
    }
    store.close().await
}

/// Removes form input from a copy of a store and overwrites the freed pages: a backup is kept for longer than the ten
/// minutes of a form. Also removes the mark, since the copy is complete.
async fn tidy(copy: &Path) -> sqlx::Result<()> {
    let options = connect_options(copy).journal_mode(SqliteJournalMode::Memory);
    let mut copy = SqliteConnection::connect_with(&options.pragma("secure_delete", "ON")).await?;
    sqlx::query("DELETE FROM form_state").execute(&mut copy).await?;
    sqlx::query("PRAGMA user_version = 0").execute(&mut copy).await?;
    copy.close().await
}

/// Replaces the content of the store in `data_dir` with the backup in `file`, in one transaction, and ends all
/// sessions. Processes that serve the store notice within a second.
///
/// # Errors
/// [`RestoreError`]. The store is unchanged then.
pub async fn restore(data_dir: &Path, file: &Path, clock: Arc<dyn Clock>) -> Result<(), RestoreError> {
    let mut found = open(file).await?;
    let store = Embedded::open(data_dir, clock).await?;
    let restored = take_over_copy(&store, &mut found, data_dir).await;
    // After a failure too: without an orderly close, the store stays marked and is refused.
    store.close().await;
    restored
}

/// Replaces the content of the store with a copy of a backup that has the tables of this version.
async fn take_over_copy(store: &Embedded, found: &mut SqliteConnection, data_dir: &Path) -> Result<(), RestoreError> {
    let (draft, _) = NewFile::create(&data_dir.join(files::RESTORED_FILE))?;
    copy(found, draft.draft()).await.map_err(|error| RestoreError::Unfit(error.to_string()))?;
    bring_up_to_date(draft.draft()).await?;
    store.take_over(draft.draft()).await
}

/// Opens a file as a backup, and checks that it is one.
async fn open(file: &Path) -> Result<SqliteConnection, RestoreError> {
    check_readable(file).map_err(|error| RestoreError::Unreadable(named(file, &error)))?;
    let foreign = |error: sqlx::Error| match error.as_database_error().map(DatabaseError::code) {
        Some(Some(code)) if code == CORRUPT => RestoreError::Damaged(error.to_string()),
        _ => RestoreError::Foreign(error.to_string()),
    };
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    // SQLite creates a missing log.
    let is_half = !Path::new(&log).exists() && files::is_marked(file).await.unwrap_or(false);
    let options = connect_options(file).read_only(true).immutable(is_half);
    let mut found = SqliteConnection::connect_with(&options).await.map_err(foreign)?;
    let tables: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('_sqlx_migrations', 'customers')",
    )
    .fetch_one(&mut found)
    .await
    .map_err(foreign)?;
    if tables < 2 {
        return Err(RestoreError::Foreign("it has no customers".to_owned()));
    }
    if is_half {
        return Err(RestoreError::Half);
    }
    let said: sqlx::Result<String> = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut found).await;
    match said {
        Ok(said) if said == "ok" => Ok(found),
        Ok(said) => Err(RestoreError::Damaged(said)),
        Err(error) => Err(RestoreError::Damaged(error.to_string())),
    }
}

/// Returns `Ok` if the file can be opened. SQLite reports only that it cannot, and not why.
fn check_readable(file: &Path) -> io::Result<()> {
    if fs::metadata(file)?.is_file() { File::open(file).map(drop) } else { Err(io::Error::other("not a file")) }
}

/// Copies a store into an existing empty file. Other processes may write to the store meanwhile. Does not create a missing
/// file: if the command was stopped before SQLite opened the file, a removed draft would appear again.
async fn copy(store: &mut SqliteConnection, into: &Path) -> sqlx::Result<()> {
    let existing = format!("file:{}?mode=rw", utf8_percent_encode(text(into)?, NON_ALPHANUMERIC));
    sqlx::query("VACUUM INTO ?").bind(existing).execute(store).await.map(drop)
}

/// Returns the path as text for SQLite.
fn text(path: &Path) -> sqlx::Result<&str> {
    path.to_str().ok_or_else(|| sqlx::Error::Configuration("the path is not UTF-8".into()))
}

/// Migrates a copy of a backup to the tables of this version.
async fn bring_up_to_date(copy: &Path) -> Result<(), RestoreError> {
    migrate_unshared_file(copy).await.map_err(|error| match error {
        MigrateError::VersionMissing(_) => RestoreError::Newer,
        MigrateError::VersionMismatch(_) => RestoreError::Foreign(error.to_string()),
        error => RestoreError::Damaged(Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)),
    })
}

impl Embedded {
    /// Replaces the content of this store with the content of another file with the same tables.
    async fn take_over(&self, other: &Path) -> Result<(), RestoreError> {
        let failed = || failed("the whole store");
        let mut writer = self.writer.acquire().await.map_err(failed())?;
        let attach = sqlx::query("ATTACH ? AS restored").bind(text(other).map_err(failed())?);
        attach.execute(&mut *writer).await.map_err(failed())?;
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed())?;
        replace_tables(&mut transaction).await.map_err(|error| RestoreError::Unfit(error.to_string()))?;
        transaction.commit().await.map_err(failed())?;
        self.memory.customers.clear();
        self.memory.sessions.clear();
        Ok(())
    }
}

/// Empties all tables, and copies those that are restored from the tables of the same name in `restored`.
async fn replace_tables(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    for table in EMPTIED.iter().chain(RESTORED.iter().rev()) {
        let empty = format!("DELETE FROM main.{table}");
        sqlx::query(AssertSqlSafe(empty)).execute(&mut *connection).await?;
    }
    for table in RESTORED {
        let columns = sqlx::query_scalar("SELECT group_concat(name, ', ') FROM pragma_table_info(?, 'main')");
        let columns: String = columns.bind(table).fetch_one(&mut *connection).await?;
        let fill = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM restored.{table}");
        sqlx::query(AssertSqlSafe(fill)).execute(&mut *connection).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::clock::SystemClock;

    #[tokio::test]
    async fn every_table_is_listed_as_restored_or_emptied_by_a_backup() {
        let folder = tempfile::tempdir().unwrap();
        let store = Embedded::open(folder.path(), Arc::new(SystemClock)).await.unwrap();
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' \
                      AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&store.readers).await.unwrap();
        let mut said = [RESTORED.as_slice(), &EMPTIED].concat();
        said.sort_unstable();
        assert_eq!(said, tables);
    }

    #[tokio::test]
    async fn a_copy_is_made_only_into_an_existing_file_whatever_its_name_is() {
        let folder = tempfile::tempdir().unwrap();
        let store = Embedded::open(folder.path(), Arc::new(SystemClock)).await.unwrap();
        store.close().await;
        for name in ["backup", "a file?mode=memory&x=#%41é"] {
            let path = folder.path().join(name);
            assert!(back_up(folder.path(), &path).await.is_err());
            assert!(!path.exists(), "a removed draft is there again");
            fs::write(&path, "").unwrap();
            back_up(folder.path(), &path).await.unwrap();
            restore(folder.path(), &path, Arc::new(SystemClock)).await.unwrap();
        }
    }

    #[tokio::test]
    async fn n11_d3_typed_form_input_is_in_no_backup() {
        let folder = tempfile::tempdir().unwrap();
        let store = Embedded::open(folder.path(), Arc::new(SystemClock)).await.unwrap();
        let typed = "typed into a form, perhaps a password";
        // Several pages, so that some would remain.
        for id in 0..200_u8 {
            let insert = sqlx::query("INSERT INTO form_state (id, data, expires_at) VALUES (?, ?, 9999999999999)");
            insert.bind(vec![id; 16]).bind(typed.repeat(20)).execute(&store.writer).await.unwrap();
        }
        let backup = folder.path().join("backup");
        fs::write(&backup, "").unwrap();
        back_up(folder.path(), &backup).await.unwrap();
        let written = fs::read(&backup).unwrap();
        assert!(!written.windows(typed.len()).any(|window| window == typed.as_bytes()));
        assert!(!folder.path().join("backup-journal").exists());
        restore(folder.path(), &backup, Arc::new(SystemClock)).await.unwrap();
    }
}
