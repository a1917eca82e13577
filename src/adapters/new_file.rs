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
    fn a_draft_that_was_left_over_is_in_nobodys_way() {
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
