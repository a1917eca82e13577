//! Creates a file atomically: it appears complete or not at all, and is accessible to this user only.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// The number of abandoned drafts of one file after which no other is created.
const MOST_DRAFTS: u32 = 100;

/// A draft of a file. It has a temporary name beside its final path until [`Self::keep`] is called. Dropping it before
/// that removes it.
pub struct NewFile {
    draft: PathBuf,
    path: PathBuf,
}

impl NewFile {
    /// Creates the draft of a file at `path`, which must not exist.
    ///
    /// # Errors
    /// If the file exists, or the draft cannot be created.
    pub fn create(path: &Path) -> io::Result<(Self, File)> {
        let path = std::path::absolute(path)?;
        if fs::symlink_metadata(&path).is_ok() {
            return Err(taken(&path));
        }
        let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        let (draft, file) = create_draft(&path, name)?;
        Ok((Self { draft, path }, file))
    }

    /// Removes the drafts of a file at `path` that killed programs left, with what SQLite keeps beside them, and returns
    /// their number. May be called only while no other program creates the file.
    ///
    /// # Errors
    /// If the folder cannot be read, or a draft cannot be removed.
    pub fn remove_drafts(path: &Path) -> io::Result<usize> {
        let path = std::path::absolute(path)?;
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(0) };
        let mut removed = 0;
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if is_draft(&entry.file_name(), name) {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
        Ok(removed)
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
        File::open(&self.draft)?.sync_all()?;
        match fs::hard_link(&self.draft, &self.path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(taken(&self.path)),
            // File systems of removable disks often do not support hard links.
            Err(_) => fs::rename(&self.draft, &self.path)?,
        }
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        File::open(folder)?.sync_all()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.draft);
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
            Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", draft.display()))),
        }
    }
}

/// Returns true if `found` is the name of a draft of the file `name`, or of a file that SQLite keeps beside one.
fn is_draft(found: &OsStr, name: &OsStr) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (Some(found), Some(name)) = (found.to_str(), name.to_str()) else { return false };
    let Some((id, beside)) =
        found.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')).and_then(|rest| rest.split_once(".draft"))
    else {
        return false;
    };
    let is_id = id.split_once('-').is_some_and(|(process, attempt)| is_number(process) && is_number(attempt));
    is_id && matches!(beside, "" | "-wal" | "-shm" | "-journal")
}

fn taken(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, format!("{} already exists and is not overwritten", path.display()))
}

#[cfg(test)]
mod tests {
    use std::{io::Write, os::unix::fs::PermissionsExt};

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
