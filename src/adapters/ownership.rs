//! Files and folders that root creates in another user's folder. They are given to that user: operators run commands as
//! root, and the service could not open what they created otherwise.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown},
    path::Path,
};

use rustix::fs::OFlags;

use super::named;

/// The user id of root.
const ROOT: u32 = 0;

/// Gives an open file of root to the owner of the file or folder at `path`, unless that is root too. Only root can do it,
/// so errors are ignored.
pub fn give_to_owner_of(path: &Path, file: &File) {
    let Ok(owned) = fs::metadata(path) else { return };
    if owned.uid() != ROOT && file.metadata().is_ok_and(|file| file.uid() == ROOT) {
        let _ = fchown(file, Some(owned.uid()), Some(owned.gid()));
    }
}

/// Creates a folder and its parents if they are missing, accessible to their owner only. The owner is that of the folder
/// in which the first of them is created, if root creates them.
///
/// # Errors
/// If a folder cannot be created. The error names it.
pub fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = parent(path);
    create_folder(parent)?;
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {
            give_folder(parent, path);
            Ok(())
        }
        // Another process has created it.
        Err(_) if path.is_dir() => Ok(()),
        Err(error) => Err(named(path, &error)),
    }
}

/// Returns the folder of a path.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Gives a new folder to the owner of its parent. That owner could put a link in its place, which is not followed.
fn give_folder(parent: &Path, path: &Path) {
    let no_link = (OFlags::NOFOLLOW | OFlags::DIRECTORY).bits().cast_signed();
    if let Ok(folder) = OpenOptions::new().read(true).custom_flags(no_link).open(path) {
        give_to_owner_of(parent, &folder);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, chown};

    use super::*;

    /// The user id of an ordinary user.
    const USER: u32 = 65_534;

    #[test]
    fn folders_are_created_with_their_parents_for_their_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        create_folder(&path).unwrap();
        create_folder(&path).unwrap();
        for path in [&path, &folder.path().join("a")] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
        }
        fs::write(path.join("file"), "").unwrap();
        let error = create_folder(&path.join("file/c")).unwrap_err();
        assert!(error.to_string().contains("a/b/file: "), "{error}");
    }

    #[test]
    fn what_root_creates_belongs_to_the_owner_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        if chown(folder.path(), Some(USER), Some(USER)).is_err() {
            eprintln!("skipped: only root can give files away");
            return;
        }
        let path = folder.path().join("a/b");
        create_folder(&path).unwrap();
        let file = File::create(path.join("file")).unwrap();
        give_to_owner_of(&path, &file);
        for path in [folder.path().join("a"), path.join("file"), path] {
            assert_eq!(fs::metadata(&path).unwrap().uid(), USER, "{}", path.display());
        }
    }
}
