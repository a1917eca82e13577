//! The secret of an embedded store that is not configured.

use std::{fs, io, io::Write, path::Path};

use crate::{
    accounts::ports::Randomness,
    adapters::{
        named,
        new_file::NewFile,
        ownership::{create_folder, give_to_owner_of},
    },
    config::SecretKey,
};

/// The file name of an embedded store's secret, in its folder.
pub const KEPT_SECRET_KEY: &str = "secret.key";

/// Returns the secret of an embedded store without a configured one. It is generated once and stored in the folder,
/// readable only by this user.
///
/// # Errors
/// If the folder is not writable, or the stored secret cannot be read or is invalid. The error names the file.
pub fn kept_secret_key(data_dir: &Path, randomness: &dyn Randomness) -> io::Result<SecretKey> {
    if let Some(kept) = find_kept_secret_key(data_dir)? {
        return Ok(kept);
    }
    let mut key = zeroize::Zeroizing::new([0; SecretKey::MIN_LENGTH]);
    randomness.fill(key.as_mut_slice());
    create(data_dir, key.as_slice())?;
    // Another process may have created it first.
    read(&data_dir.join(KEPT_SECRET_KEY))
}

/// Returns the stored secret, or `None` if there is none.
///
/// # Errors
/// If it cannot be read or is invalid. The error names the file.
pub fn find_kept_secret_key(data_dir: &Path) -> io::Result<Option<SecretKey>> {
    let path = data_dir.join(KEPT_SECRET_KEY);
    let exists = path.try_exists().map_err(|error| named(&path, &error))?;
    exists.then(|| read(&path)).transpose()
}

fn read(path: &Path) -> io::Result<SecretKey> {
    let key = fs::read(path).map_err(|error| named(path, &error))?;
    SecretKey::from_bytes(key).map_err(|reason| io::Error::other(format!("{}: {reason}", path.display())))
}

/// Stores a new secret, unless another process has stored one. It belongs to the owner of the folder.
fn create(data_dir: &Path, key: &[u8]) -> io::Result<()> {
    create_folder(data_dir)?;
    let created = NewFile::create(&data_dir.join(KEPT_SECRET_KEY)).and_then(|(new, mut file)| {
        file.write_all(key).map_err(|error| named(new.draft(), &error))?;
        give_to_owner_of(data_dir, &file);
        new.keep()
    });
    match created {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        created => created,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        os::unix::fs::{PermissionsExt, symlink},
        process,
    };

    use super::*;
    use crate::adapters::randomness::SystemRandomness;

    #[test]
    fn a_secret_is_created_once_and_readable_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data");
        assert!(find_kept_secret_key(&data_dir).unwrap().is_none());
        let key = kept_secret_key(&data_dir, &SystemRandomness).unwrap();
        let again = kept_secret_key(&data_dir, &SystemRandomness).unwrap();
        assert_eq!(*key.derive("test"), *again.derive("test"));
        let mode = fs::metadata(data_dir.join(KEPT_SECRET_KEY)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(&data_dir).unwrap().count(), 1);
    }

    #[test]
    fn a_link_in_place_of_the_draft_or_the_secret_is_not_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("other");
        fs::write(&other, "another file").unwrap();
        let link = |name: &str| {
            let data_dir = tempfile::tempdir().unwrap();
            symlink(&other, data_dir.path().join(name)).unwrap();
            data_dir
        };
        for name in [format!("secret.key.{}", process::id()), format!("secret.key.{}-0.draft", process::id())] {
            kept_secret_key(link(&name).path(), &SystemRandomness).unwrap();
            assert_eq!(fs::read(&other).unwrap(), b"another file", "{name}");
        }
        fs::remove_file(&other).unwrap();
        let error = kept_secret_key(link(KEPT_SECRET_KEY).path(), &SystemRandomness).unwrap_err();
        assert!(error.to_string().contains("secret.key: "), "{error}");
        assert!(!other.exists());
    }

    #[test]
    fn every_error_names_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(KEPT_SECRET_KEY);
        let error = || kept_secret_key(folder.path(), &SystemRandomness).unwrap_err().to_string();
        fs::write(&path, "short").unwrap();
        assert!(error().contains("secret.key: must be at least 32 bytes"), "{}", error());
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(error().contains("secret.key: "), "{}", error());
        let error = kept_secret_key(&path.join("missing/\0"), &SystemRandomness).unwrap_err().to_string();
        assert!(error.contains("missing"), "{error}");
    }
}
