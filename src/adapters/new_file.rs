//! A file that is there whole or not at all, and for this user alone.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// How many drafts of one file may be left over before no other is made.
const MOST_DRAFTS: u32 = 100;

/// A file in the making. It lies beside its place under a name of its own until [`Self::keep`]; dropped before that, it
/// is gone.
pub struct NewFile {
    draft: PathBuf,
    path: PathBuf,
}

impl NewFile {
    /// Makes the draft of a file at `path`, where there is none yet.
    ///
    /// # Errors
    /// That there is one, or that none can be made.
    pub fn create(path: &Path) -> io::Result<(Self, File)> {
        let path = std::path::absolute(path)?;
        if fs::symlink_metadata(&path).is_ok() {
            return Err(taken(&path));
        }
        let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        let (draft, file) = create_draft(&path, name)?;
        Ok((Self { draft, path }, file))
    }

    /// Where the draft lies.
    #[must_use]
    pub fn draft(&self) -> &Path {
        &self.draft
    }

    /// Puts the file in its place, once all of it is on the disk. A file that came there meanwhile stays.
    ///
    /// # Errors
    /// That there is one, or that it cannot be made to last.
    pub fn keep(self) -> io::Result<()> {
        File::open(&self.draft)?.sync_all()?;
        match fs::hard_link(&self.draft, &self.path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(taken(&self.path)),
            // Disks that go from one machine to another often know no links.
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

/// Makes a draft beside `path`. One of the same name may have been left by a program that was killed, since in a container
/// every program has the same id.
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
    io::Error::new(io::ErrorKind::AlreadyExists, format!("{} is there already, and is not overwritten", path.display()))
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
