//! The secret of an embedded store that is not configured.

use std::{io, path::Path};

use crate::{accounts::ports::Randomness, config::SecretKey};

/// The file name of an embedded store's secret, in its folder.
pub const KEPT_SECRET_KEY: &str = "secret.key";

/// Returns the secret of an embedded store without a configured one. It is generated once and stored in the folder,
/// readable only by this user.
///
/// # Errors
/// If the folder is not writable, or the stored secret is invalid.
pub fn kept_secret_key(data_dir: &Path, randomness: &dyn Randomness) -> io::Result<SecretKey> {
    let path = data_dir.join(KEPT_SECRET_KEY);
    if !path.exists() {
        let mut key = zeroize::Zeroizing::new([0; SecretKey::MIN_LENGTH]);
        randomness.fill(key.as_mut_slice());
        create_private(data_dir, &path, key.as_slice())?;
    }
    let key = std::fs::read(&path)?;
    SecretKey::from_bytes(key).map_err(|reason| io::Error::other(format!("{}: {reason}", path.display())))
}

/// Creates a file atomically, complete or not at all. Does not replace a file that another process has created first.
fn create_private(folder: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    use std::{
        fs::{DirBuilder, OpenOptions},
        io::Write,
        os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    };

    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let draft = folder.join(format!("secret.key.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
