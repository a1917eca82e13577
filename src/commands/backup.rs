//! `doorstep backup` and `doorstep restore`: copies the embedded store to or from one file, while it is in use or not.

use std::path::{Path, PathBuf};

use doorstep::{
    adapters::{embedded, new_file::NewFile},
    composition::KEPT_SECRET_KEY,
    config::{Config, StoresConfig},
};

use super::{Done, world};

/// Copies the store into a new file.
///
/// # Errors
/// If the file exists, or there is no store.
pub async fn backup(config: Config, file: PathBuf) -> Done {
    let data_dir = data_dir(&config)?;
    let (new, _) = NewFile::create(&file)?;
    embedded::back_up(data_dir, new.draft()).await?;
    new.keep()?;
    tracing::info!(file = %file.display(), "backup written: SECRET_KEY is not in it");
    Ok(())
}

/// Replaces the content of the store with a backup.
///
/// # Errors
/// If the file is not a backup, or is from a newer version.
pub async fn restore(config: Config, file: PathBuf) -> Done {
    let data_dir = data_dir(&config)?;
    let (clock, _) = world();
    embedded::restore(data_dir, &file, clock).await?;
    tracing::info!(file = %file.display(), "backup restored: all customers have to log in again");
    if config.secret_key.is_none() && !data_dir.join(KEPT_SECRET_KEY).exists() {
        tracing::warn!(
            folder = %data_dir.display(),
            "{KEPT_SECRET_KEY} is missing: copy the one kept with the backup here before starting the server"
        );
    }
    Ok(())
}

/// Returns the folder of the embedded store.
fn data_dir(config: &Config) -> Result<&Path, &'static str> {
    match &config.stores {
        StoresConfig::Embedded { data_dir } => Ok(data_dir),
        StoresConfig::Servers { .. } => Err("customers are stored in MongoDB: use mongodump and mongorestore"),
    }
}
