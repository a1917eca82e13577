//! `doorstep export`: writes all customers and their data as JSON lines.

use std::{
    error::Error,
    fs::File,
    io::{self, BufWriter},
    path::PathBuf,
};

use doorstep::{
    accounts::{ArchiveError, Archivist, Exported},
    adapters::new_file::NewFile,
    composition,
    config::Config,
};

use super::{
    Done, open_existing_stores,
    output::{OutputClosed, check_is_open},
    signals::until_stopped,
    world,
};

/// Exports the configured store to a new file or to standard output.
///
/// # Errors
/// If the file exists, standard output is closed, or the store does not exist, does not answer, or contains something unreadable.
pub async fn export(config: Config, file: Option<PathBuf>) -> Done {
    if let Some(file) = file.filter(|file| file.as_os_str() != "-") {
        return until_stopped(carry_out(config, Some(file))).await;
    }
    check_is_open()?;
    // The default action of a signal ends it, even while nothing reads the output.
    carry_out(config, None).await
}

async fn carry_out(config: Config, file: Option<PathBuf>) -> Done {
    let (clock, _) = world();
    let (new, file) = file.map(|file| NewFile::create(&file)).transpose()?.unzip();
    let stores = open_existing_stores(&config.stores, &clock).await?;
    let exported = write(&composition::archivist(&stores), file).await;
    stores.close().await;
    let exported = exported?;
    // Last, so that a command that is stopped leaves no file.
    new.map(NewFile::keep).transpose()?;
    tracing::info!(customers = exported.customers, records = exported.records, "exported");
    match exported.unreadable {
        0 => Ok(()),
        missing => Err(format!("export incomplete, records that cannot be read: {missing}").into()),
    }
}

/// Writes to the file or to standard output.
async fn write(archivist: &Archivist, file: Option<File>) -> Result<Exported, Box<dyn Error>> {
    if let Some(file) = file {
        return Ok(archivist.export(&mut BufWriter::new(file)).await?);
    }
    let exported = archivist.export(&mut BufWriter::new(io::stdout().lock())).await;
    exported.map_err(|error| match error {
        ArchiveError::Stream(error) if error.kind() == io::ErrorKind::BrokenPipe => OutputClosed.into(),
        error => error.into(),
    })
}
