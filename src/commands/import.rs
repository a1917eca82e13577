//! `doorstep import`: what was exported, into the store that is configured.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::PathBuf,
};

use doorstep::{composition, config::Config};

use super::{Done, open_stores, world};

/// Reads what was exported from a file, or from standard input.
///
/// # Errors
/// That the file cannot be read to its end, the store does not answer, or somebody was left out.
pub async fn import(config: Config, file: Option<PathBuf>) -> Done {
    let (clock, _) = world();
    let mut archive: Box<dyn BufRead> = match file.filter(|file| file.as_os_str() != "-") {
        Some(file) => {
            Box::new(BufReader::new(File::open(&file).map_err(|error| format!("{}: {error}", file.display()))?))
        }
        None => Box::new(io::stdin().lock()),
    };
    let stores = open_stores(&config.stores, &clock).await?;
    let imported = composition::archivist(&stores).import(&mut *archive).await;
    stores.close().await;
    let imported = imported?;
    tracing::info!(customers = imported.customers, "imported");
    match imported.skipped.len() {
        0 => Ok(()),
        skipped => Err(format!("customers left out, since others have their addresses: {skipped}").into()),
    }
}
