//! The files of the store: checks that they are complete, and creates them.
//!
//! SQLite keeps the latest writes in a log beside the file (`-wal`). The file alone is complete only after the last
//! connection was closed. The mark (see [`super::upkeep`]) distinguishes the two states.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sqlx::{ConnectOptions, migrate::MigrateError, sqlite::SqliteConnectOptions};

use super::{FILE, migrate_unshared_file, unavailable};
use crate::{
    accounts::ports::{StoreError, StoreName},
    adapters::{
        named,
        new_file::NewFile,
        ownership::{create_folder, give_to_owner_of},
    },
};

/// The name of the file, in the folder of the store, to which a backup is copied before it is taken over. It begins with
/// the name of the store, so that no backup has it by chance.
pub(super) const RESTORED_FILE: &str = "doorstep.db.restore";

/// The paths of a store's files.
pub(super) struct Files {
    pub file: PathBuf,
    pub log: PathBuf,
    /// SQLite's index of the log, which its processes share.
    pub index: PathBuf,
    /// The lock file (see [`super::openers`]).
    pub lock: PathBuf,
    pub folder: PathBuf,
}

impl Files {
    pub fn of(data_dir: &Path) -> Self {
        Self {
            file: data_dir.join(FILE),
            log: data_dir.join(format!("{FILE}-wal")),
            index: data_dir.join(format!("{FILE}-shm")),
            lock: data_dir.join(format!("{FILE}.lock")),
            folder: data_dir.to_owned(),
        }
    }

    /// Returns true if there is a store or a part of one.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn exist(&self) -> Result<bool, StoreError> {
        let exists = self.file.try_exists().and_then(|exists| Ok(exists || self.log.try_exists()?));
        exists.map_err(|error| unavailable(self.named(&error)))
    }

    /// Removes the empty log, and its index, that a connection made which only read.
    pub fn remove_empty_log(&self) {
        if fs::metadata(&self.log).is_ok_and(|log| log.len() == 0) {
            let _ = fs::remove_file(&self.log);
            let _ = fs::remove_file(&self.index);
        }
    }

    /// Removes what a killed program left of a store that it was creating or restoring: a draft can contain all
    /// customers. Called while no other process has the store open. A failure is only logged.
    pub fn remove_drafts(&self) {
        for path in [&self.file, &self.folder.join(RESTORED_FILE)] {
            match NewFile::remove_drafts(path) {
                Ok(0) => {}
                Ok(files) => tracing::warn!(files, of = %path.display(), "removed drafts of a program that was killed"),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, of = %path.display(), "draft not removed");
                }
            }
        }
    }

    /// Returns `Ok` if the store is complete or does not exist. Writes nothing.
    ///
    /// # Errors
    /// If one of the files is missing, or the folder cannot be read.
    pub async fn check(&self) -> Result<(), StoreError> {
        let has_content = match fs::metadata(&self.file) {
            Ok(file) => file.len() > 0,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(unavailable(named(&self.file, &error))),
        };
        match (has_content, self.log.exists()) {
            // SQLite would delete a log without its file.
            (false, true) => Err(self.log_without_file()),
            (true, false) if is_marked(&self.file).await? => Err(self.without_log("it is marked as in use")),
            _ => Ok(()),
        }
    }

    /// Creates the folder if it is missing, accessible to this user only.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn create_folder(&self) -> Result<(), StoreError> {
        create_folder(&self.folder).map_err(unavailable)
    }

    /// Creates the file if it is missing, accessible to this user only. It is created with all tables or not at all, so
    /// a full disk leaves nothing behind. SQLite gives the files beside it the same permissions.
    ///
    /// # Errors
    /// If it cannot be created.
    pub async fn create(&self) -> Result<(), StoreError> {
        if self.file.exists() {
            return Ok(());
        }
        let made = match NewFile::create(&self.file) {
            Ok((draft, file)) => {
                give_to_owner_of(&self.folder, &file);
                drop(file);
                migrate_unshared_file(draft.draft()).await.map_err(unavailable)?;
                draft.keep()
            }
            Err(error) => Err(error),
        };
        match made {
            // Another process has created it.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made.map_err(unavailable),
        }
    }

    /// Returns true if the file has content and there is no log beside it.
    pub fn is_without_log(&self) -> bool {
        fs::metadata(&self.file).is_ok_and(|file| file.len() > 0) && !self.log.exists()
    }

    /// Returns the error for a file whose log is missing.
    pub fn without_log(&self, source: &'static str) -> StoreError {
        let record = format!(
            "{file}: the store is incomplete because it was copied without {FILE}-wal; copy both while the program is \
             stopped, or use doorstep backup and doorstep restore. If {FILE}-wal is lost, create an empty file of that \
             name beside it: the latest writes are then lost",
            file = self.file.display()
        );
        StoreError::Corrupt { store: StoreName::Embedded, record, source: source.into() }
    }

    /// Returns the error for a log whose file is missing.
    fn log_without_file(&self) -> StoreError {
        let record = format!(
            "{log}: the store is incomplete because {FILE} is missing beside it; put {FILE} back, or move this file \
             away to start with an empty store",
            log = self.log.display()
        );
        StoreError::Corrupt { store: StoreName::Embedded, record, source: "the log has no store file".into() }
    }

    /// Returns the error for a log that belongs to another file.
    pub fn foreign_log(&self) -> StoreError {
        let record = format!(
            "{file}: {FILE} was replaced while the store was in use, and {FILE}-wal belongs to the replaced file; put \
             the replaced file back, or move {FILE}-wal and {FILE}-shm away to use this file as it is",
            file = self.file.display()
        );
        StoreError::Corrupt { store: StoreName::Embedded, record, source: "the log is of another file".into() }
    }

    /// Returns the error for files that another process has open and that are not at their paths.
    pub fn changed(&self) -> StoreError {
        let record = format!(
            "{file}: {FILE}, {FILE}-wal or {FILE}-shm was removed or replaced while another process has the store open; \
             put the files back, or stop every process that uses the store",
            file = self.file.display()
        );
        StoreError::Corrupt { store: StoreName::Embedded, record, source: "the files are not those in use".into() }
    }

    /// Returns the error for a store of a newer version, which has had this unknown migration.
    pub fn newer(&self, unknown: MigrateError) -> StoreError {
        let record = format!(
            "{file}: the store was written by a newer version of Doorstep; run that version, or restore a backup made \
             by this version in an empty data folder",
            file = self.file.display()
        );
        StoreError::Corrupt { store: StoreName::Embedded, record, source: unknown.into() }
    }

    /// Returns the error with the path of the file.
    pub fn named(&self, error: &io::Error) -> io::Error {
        named(&self.file, error)
    }
}

/// Returns the options of a connection to this file. In a relative path, SQLite takes `file:` for a URI and `:memory:`
/// for a store in memory.
pub(super) fn connect_options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(Path::new(".").join(file))
}

/// Returns true if the file itself, without its log, is marked. Reads it through SQLite: opening and closing it in any
/// other way would release this process's locks on it.
pub(super) async fn is_marked(file: &Path) -> Result<bool, StoreError> {
    let options = connect_options(file).immutable(true).read_only(true);
    let mut connection = options.disable_statement_logging().connect().await.map_err(unavailable)?;
    let mark: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await.map_err(unavailable)?;
    Ok(mark != 0)
}
