//! `doorstep backup` and `doorstep restore`: the embedded store as one file, while it is in use or not.

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
/// That the file is there already, or there is no store.
pub async fn backup(config: Config, file: PathBuf) -> Done {
    let data_dir = data_dir(&config)?;
    let (new, _) = NewFile::create(&file)?;
    embedded::back_up(data_dir, new.draft()).await?;
    new.keep()?;
    tracing::info!(file = %file.display(), "backed up; the secret is not in it");
    Ok(())
}

/// Puts a backup in the place of what the store holds.
///
/// # Errors
/// That the file is no backup, or one of a newer version.
pub async fn restore(config: Config, file: PathBuf) -> Done {
    let data_dir = data_dir(&config)?;
    let (clock, _) = world();
    embedded::restore(data_dir, &file, clock).await?;
    tracing::info!(file = %file.display(), "restored; everybody has to log in anew");
    if config.secret_key.is_none() && !data_dir.join(KEPT_SECRET_KEY).exists() {
        tracing::warn!(
            folder = %data_dir.display(),
            "there is no {KEPT_SECRET_KEY}: put the one there that was kept with the backup, before you serve"
        );
    }
    Ok(())
}

/// The folder of the embedded store.
fn data_dir(config: &Config) -> Result<&Path, &'static str> {
    match &config.stores {
        StoresConfig::Embedded { data_dir } => Ok(data_dir),
        StoresConfig::Servers { .. } => {
            Err("the customers are in MongoDB, which has tools of its own for that: mongodump and mongorestore")
        }
    }
}
