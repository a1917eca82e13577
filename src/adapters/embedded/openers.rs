//! Coordinates the processes that have a store open.
//!
//! SQLite coordinates processes through its own files. It fails, and destroys the store, if one of them is removed or
//! replaced while a process uses it and another process then opens the new one. So every process that opens the store
//! holds a shared lock on the data folder ([`Opener`]), and opens and closes it in turn ([`Turn`]). The file of that
//! second lock records which files belong together.

use std::{
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    time::{Duration, Instant},
};

use rustix::fs::OFlags;

use super::{files::Files, unavailable};
use crate::{
    accounts::ports::StoreError,
    adapters::{named, ownership::give_to_owner_of},
};

/// How long to wait while another process opens or closes the store.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);

/// How long to wait until another process has replaced a lost log.
const SALVAGE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long to wait between two attempts.
const RETRY: Duration = Duration::from_millis(20);

/// The right to open or close the store, which one process has at a time. Ends when it is dropped.
pub(super) struct Turn(File);

impl Turn {
    /// Waits for the turn.
    ///
    /// # Errors
    /// If the lock file cannot be created, or another process has the turn for too long.
    pub async fn wait(files: &Files) -> io::Result<Self> {
        let started = Instant::now();
        loop {
            if let Some(turn) = Self::try_take(files)? {
                return Ok(turn);
            }
            if started.elapsed() > TURN_TIMEOUT {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "another process is opening or closing the store"));
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Returns the turn, or `None` if another process has it.
    ///
    /// # Errors
    /// If the lock file cannot be created or locked.
    pub fn try_take(files: &Files) -> io::Result<Option<Self>> {
        let lock = open_lock(files, OpenOptions::new().create(true).mode(0o600))?;
        give_to_owner_of(if files.file.exists() { &files.file } else { &files.folder }, &lock);
        if !is_locked(lock.try_lock())? {
            return Ok(None);
        }
        // The last process that closes the store removes the file.
        let is_current = Identity::of(&files.lock) == Identity::of_open(&lock);
        Ok(is_current.then_some(Self(lock)))
    }

    /// Returns the recorded files. `None` if nothing is recorded.
    fn recorded(&mut self) -> Option<[String; 3]> {
        let mut record = String::new();
        self.0.rewind().ok()?;
        (&self.0).take(1024).read_to_string(&mut record).ok()?;
        // What follows the first line is left of an earlier, longer record.
        let words: Vec<_> = record.lines().next()?.split_whitespace().map(ToOwned::to_owned).collect();
        words.try_into().ok()
    }

    /// Removes the lock file if it is not needed: without a log, no record is.
    fn remove_lock(&mut self, files: &Files) {
        if !files.log.exists() || self.recorded().is_none() {
            let _ = fs::remove_file(&files.lock);
        }
    }
}

/// Opens the lock file. The owner of the folder can put a link in its place, through which a command of root would write
/// to any file, so links are refused.
fn open_lock(files: &Files, options: &mut OpenOptions) -> io::Result<File> {
    let no_follow = OFlags::NOFOLLOW.bits().cast_signed();
    let lock = options.read(true).write(true).truncate(false).custom_flags(no_follow).open(&files.lock)?;
    let opened = lock.metadata()?;
    // No link: the last process that closes the store has removed the file in between.
    if opened.is_file() && opened.nlink() <= 1 { Ok(lock) } else { Err(io::Error::other("the lock file is a link")) }
}

/// Records which files belong together. Without a record, fewer mistakes are detected, so errors are not fatal.
pub(super) fn record(files: &Files) {
    if let Err(error) = try_record(files) {
        tracing::debug!(error = &error as &dyn std::error::Error, "store files not recorded");
    }
}

/// Overwrites the record. A process that is killed meanwhile leaves a whole first line.
fn try_record(files: &Files) -> io::Result<()> {
    let mut lock = open_lock(files, &mut OpenOptions::new())?;
    let record = words(files).join(" ") + "\n";
    lock.write_all(record.as_bytes())?;
    lock.set_len(record.len() as u64)
}

/// A process that has the store open. Holds a shared lock on the data folder.
pub(super) struct Opener(File);

impl Opener {
    /// Returns true if no other process has the store open. None can open it during the turn.
    ///
    /// # Errors
    /// If the folder cannot be locked.
    pub fn is_alone(&self, _turn: &Turn) -> io::Result<bool> {
        // A lock is not converted in one step. The turn keeps other processes from locking in between.
        self.0.unlock()?;
        let is_alone = is_locked(self.0.try_lock())?;
        if is_alone {
            self.0.unlock()?;
        }
        if !is_locked(self.0.try_lock_shared())? {
            return Err(io::Error::other("the data folder is locked"));
        }
        Ok(is_alone)
    }

    /// Closes the store with `close`, which receives true if no other process has it open.
    pub async fn leave<T, F: Future<Output = T>>(&self, files: &Files, close: impl FnOnce(bool) -> F) -> T {
        let turn = Turn::wait(files).await.ok();
        let is_alone = turn.as_ref().is_some_and(|turn| self.is_alone(turn).unwrap_or(false));
        let closed = close(is_alone).await;
        if let Some(mut turn) = turn.filter(|_| is_alone) {
            turn.remove_lock(files);
        }
        let _ = self.0.unlock();
        closed
    }
}

/// A store that is being opened. No other process opens or closes it meanwhile.
pub(super) struct Opening {
    turn: Turn,
    opener: Opener,
    is_alone: bool,
}

impl Opening {
    /// Starts to open an existing folder. Checks that the store is complete and its files belong together.
    ///
    /// # Errors
    /// If it is not, they do not, or the folder cannot be locked.
    pub async fn begin(files: &Files) -> Result<Self, StoreError> {
        let started = Instant::now();
        loop {
            let mut opening = Self::wait(files).await.map_err(unavailable)?;
            let Err(refusal) = opening.check(files).await else { return Ok(opening) };
            if opening.is_alone || started.elapsed() > SALVAGE_TIMEOUT {
                return Err(opening.refuse(files, refusal));
            }
            drop(opening);
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn wait(files: &Files) -> io::Result<Self> {
        let turn = Turn::wait(files).await.map_err(|error| named(&files.lock, &error))?;
        let of_folder = |error| named(&files.folder, &error);
        let opener = Opener(File::open(&files.folder).map_err(of_folder)?);
        let is_alone = opener.is_alone(&turn).map_err(of_folder)?;
        Ok(Self { turn, opener, is_alone })
    }

    async fn check(&mut self, files: &Files) -> Result<(), StoreError> {
        let recorded = self.turn.recorded();
        let [file, log, shm] = words(files);
        if self.is_alone {
            files.check().await?;
            return match recorded {
                Some([its_file, its_log, _]) if log != NONE && log == its_log && file != its_file => {
                    Err(files.foreign_log())
                }
                _ => Ok(()),
            };
        }
        match recorded {
            Some(recorded) if recorded[1] != NONE && recorded != [file, log, shm] => Err(files.changed()),
            _ => files.check().await,
        }
    }

    /// Checks that the files were not removed or replaced while they were being opened.
    ///
    /// # Errors
    /// If they were, while another process has the store open.
    pub fn confirm(&mut self, files: &Files) -> Result<(), StoreError> {
        match self.turn.recorded() {
            Some(recorded) if !self.is_alone && recorded[1] != NONE && recorded != words(files) => Err(files.changed()),
            _ => Ok(()),
        }
    }

    /// Ends the opening after the files were opened.
    pub fn finish(mut self, files: &Files) -> Opener {
        if self.is_alone || self.turn.recorded().is_none_or(|recorded| recorded[1] == NONE) {
            record(files);
        }
        self.opener
    }

    /// Ends the opening without a result, after the files were closed. Returns the error.
    pub fn refuse(self, files: &Files, refusal: StoreError) -> StoreError {
        self.abandon(files);
        refusal
    }

    /// Returns true if no other process has the store open.
    pub fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// Ends the opening after the files were closed.
    pub fn abandon(mut self, files: &Files) {
        if self.is_alone {
            self.turn.remove_lock(files);
        }
    }
}

fn is_locked(result: Result<(), TryLockError>) -> io::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The word for a file that does not exist.
const NONE: &str = "-";

/// Returns the identities of the file, the log and the index, as recorded.
fn words(files: &Files) -> [String; 3] {
    [&files.file, &files.log, &files.index]
        .map(|path| Identity::of(path).map_or_else(|| NONE.to_owned(), |identity| identity.to_string()))
}

/// The identity of a file: its device, its inode, and when it was created, since inodes are used again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
    created: u128,
}

impl Identity {
    /// Returns the identity of the file at a path, or `None` if there is none.
    pub fn of(path: &std::path::Path) -> Option<Self> {
        fs::metadata(path).ok().map(|file| Self::new(&file))
    }

    fn of_open(file: &File) -> Option<Self> {
        file.metadata().ok().map(|file| Self::new(&file))
    }

    fn new(file: &fs::Metadata) -> Self {
        let created = file.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        Self { device: file.dev(), inode: file.ino(), created: created.map_or(0, |at| at.as_nanos()) }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.device, self.inode, self.created)
    }
}
