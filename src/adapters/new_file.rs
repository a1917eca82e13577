//! Creates a file atomically: it appears complete or not at all, and is accessible to this user only.

use std::{
    ffi::OsStr,
    fs::{self, DirEntry, File, Metadata, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    process::{Pid, test_kill_process},
};

use super::named;

/// The number of abandoned drafts of one file after which no other is created.
const MOST_DRAFTS: u32 = 100;

/// The age, in comparison with a new draft, from which on a draft whose process does not run is abandoned. It may be a
/// draft of another container, in which process ids mean other processes: no program stops writing for that long.
const ABANDONED_AFTER: Duration = Duration::from_hours(1);

/// What SQLite adds to the name of a database for the files that it keeps beside it.
const BESIDE: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// The drafts of this process, for a command that a signal stops.
static DRAFTS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A draft of a file. It has a temporary name beside its final path until [`Self::keep`] is called. Dropping it before
/// that removes it.
pub struct NewFile {
    draft: PathBuf,
    path: PathBuf,
}

impl NewFile {
    /// Creates the draft of a file at `path`, which must not exist. Removes abandoned drafts of the same file.
    ///
    /// # Errors
    /// If the file exists, or the draft cannot be created. Every error of this type names the file that it is about.
    pub fn create(path: &Path) -> io::Result<(Self, File)> {
        let path = std::path::absolute(path).map_err(|error| named(path, &error))?;
        if fs::symlink_metadata(&path).is_ok() {
            return Err(taken(&path));
        }
        let name = path.file_name().ok_or_else(|| named(&path, &io::ErrorKind::IsADirectory.into()))?;
        let (draft, file) = create_draft(&path, name)?;
        drafts().push(draft.clone());
        let new = Self { draft, path };
        new.remove_abandoned(&file);
        Ok((new, file))
    }

    /// Removes the drafts of a file at `path` that killed programs left, with what SQLite keeps beside them, and returns
    /// their number. May be called only while no other program creates the file.
    ///
    /// # Errors
    /// If the folder cannot be read, or a draft cannot be removed.
    pub fn remove_drafts(path: &Path) -> io::Result<usize> {
        remove_drafts(&std::path::absolute(path)?, |_, _| true)
    }

    /// Removes all drafts of this process. Called before it exits without dropping them.
    pub fn remove_unfinished() {
        drafts().drain(..).for_each(|draft| remove_draft(&draft));
    }

    /// Removes drafts of the same file that a killed program left before. A failure is ignored: only space is lost.
    fn remove_abandoned(&self, own: &File) {
        let Some(now) = modified(own.metadata()) else { return };
        let removed = remove_drafts(&self.path, |process, draft| {
            let is_old = modified(draft.metadata())
                .and_then(|then| now.duration_since(then).ok())
                .is_some_and(|age| age >= ABANDONED_AFTER);
            is_old && process != std::process::id() && !is_running(process)
        });
        if let Ok(files @ 1..) = removed {
            tracing::warn!(files, of = %self.path.display(), "removed drafts of a program that was killed");
        }
    }

    /// Returns the path of the draft.
    #[must_use]
    pub fn draft(&self) -> &Path {
        &self.draft
    }

    /// Moves the file to its final path, after syncing it to the disk. Does not replace an existing file.
    ///
    /// # Errors
    /// If the file exists by now, or cannot be synced or moved.
    pub fn keep(self) -> io::Result<()> {
        sync(&self.draft)?;
        match fs::hard_link(&self.draft, &self.path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(taken(&self.path)),
            // File systems of removable disks often do not support hard links.
            Err(_) => self.rename()?,
        }
        sync(self.path.parent().unwrap_or(Path::new("/")))
    }

    /// Renames the draft. Does not replace an existing file, unless the file system cannot do that.
    fn rename(&self) -> io::Result<()> {
        match renameat_with(CWD, &self.draft, CWD, &self.path, RenameFlags::NOREPLACE).map_err(io::Error::from) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(taken(&self.path)),
            Err(_) => fs::rename(&self.draft, &self.path).map_err(|error| named(&self.path, &error)),
        }
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        drafts().retain(|draft| *draft != self.draft);
        remove_draft(&self.draft);
    }
}

fn drafts() -> MutexGuard<'static, Vec<PathBuf>> {
    DRAFTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes a draft and what SQLite keeps beside it.
fn remove_draft(draft: &Path) {
    for beside in BESIDE {
        let mut file = draft.as_os_str().to_owned();
        file.push(beside);
        let _ = fs::remove_file(file);
    }
}

/// Creates a draft beside `path`. A killed program may have left one of the same name: in a container every program has
/// the same process id.
fn create_draft(path: &Path, name: &OsStr) -> io::Result<(PathBuf, File)> {
    let mut attempt = 0;
    loop {
        let mut name = name.to_owned();
        name.push(format!(".{}-{attempt}.draft", std::process::id()));
        let draft = path.with_file_name(name);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft) {
            Ok(file) => return Ok((draft, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < MOST_DRAFTS => attempt += 1,
            Err(error) => return Err(named(&draft, &error)),
        }
    }
}

/// Removes the drafts of the file at an absolute path that `is_removable` selects by the id of their process, and returns
/// their number.
fn remove_drafts(path: &Path, is_removable: impl Fn(u32, &DirEntry) -> bool) -> io::Result<usize> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(0) };
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if process_of_draft(&entry.file_name(), name).is_some_and(|process| is_removable(process, &entry)) {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Returns the process id in the name of a draft of the file `name`, or of a file that SQLite keeps beside one. `None` if
/// `found` is another name.
fn process_of_draft(found: &OsStr, name: &OsStr) -> Option<u32> {
    let rest = found.to_str()?.strip_prefix(name.to_str()?)?.strip_prefix('.')?;
    let (id, beside) = rest.split_once(".draft")?;
    let (process, attempt) = id.split_once('-')?;
    number(attempt)?;
    number(process).filter(|_| BESIDE.contains(&beside))
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns true if a process has this id, as far as that can be known.
fn is_running(process: u32) -> bool {
    let id = i32::try_from(process).ok().and_then(Pid::from_raw);
    id.is_none_or(|id| test_kill_process(id) != Err(rustix::io::Errno::SRCH))
}

fn modified(file: io::Result<Metadata>) -> Option<SystemTime> {
    file.and_then(|file| file.modified()).ok()
}

/// Writes what is in memory of a file or folder to the disk.
fn sync(path: &Path) -> io::Result<()> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| named(path, &error))
}

fn taken(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, format!("{} already exists and is not overwritten", path.display()))
}

#[cfg(test)]
mod tests {
    use std::{io::Write, os::unix::fs::PermissionsExt, process::Command};

    use super::*;

    #[test]
    fn a_file_is_there_whole_and_private_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let (new, mut file) = NewFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(new);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

        let (new, mut file) = NewFile::create(&path).unwrap();
        file.write_all(b"whole").unwrap();
        assert!(!path.exists());
        new.keep().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_leftover_draft_does_not_block_a_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let (left_over, _) = NewFile::create(&path).unwrap();
        let (new, mut file) = NewFile::create(&path).unwrap();
        file.write_all(b"whole").unwrap();
        new.keep().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert!(left_over.draft().exists());
    }

    #[test]
    fn drafts_that_were_left_over_are_removed_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        let kept =
            ["shop.db", "shop.db-wal", "shop.db.bak", "shop.db.1-2.draft.old", "shop.db.x-0.draft", "old.db.7-0.draft"];
        let removed =
            ["shop.db.7-0.draft", "shop.db.7-0.draft-wal", "shop.db.7-0.draft-shm", "shop.db.123-45.draft-journal"];
        for name in kept.into_iter().chain(removed) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(NewFile::remove_drafts(&path).unwrap(), removed.len());
        assert!(kept.iter().all(|name| folder.path().join(name).exists()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), kept.len());
    }

    #[test]
    fn a_new_file_removes_old_drafts_of_processes_that_do_not_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        let mut child = Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let (ended, own, parent) = (child.id(), std::process::id(), std::os::unix::process::parent_id());
        let draft = |process: u32, beside: &str, hours: u64| {
            let draft = folder.path().join(format!("shop.db.{process}-0.draft{beside}"));
            let file = File::create(&draft).unwrap();
            let now = file.metadata().unwrap().modified().unwrap();
            file.set_modified(now - Duration::from_hours(hours)).unwrap();
            draft
        };
        let removed = [draft(ended, "", 2), draft(ended, "-journal", 2)];
        let kept = [draft(own, "", 2), draft(parent, "", 2), draft(0, "", 2), draft(ended, "-wal", 0)];
        let (new, _) = NewFile::create(&path).unwrap();
        assert!(!removed.iter().any(|draft| draft.exists()));
        assert!(kept.iter().all(|draft| draft.exists()));
        new.keep().unwrap();
    }

    #[test]
    fn what_sqlite_keeps_beside_a_draft_is_removed_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let (new, _) = NewFile::create(&folder.path().join("shop.db")).unwrap();
        fs::write(format!("{}-journal", new.draft().display()), "").unwrap();
        drop(new);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_that_is_there_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let (late, _) = NewFile::create(&path).unwrap();
        fs::write(&path, "first").unwrap();
        assert_eq!(NewFile::create(&path).err().unwrap().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(late.keep().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }
}
