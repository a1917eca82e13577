//! `doorstep export`: all customers and what belongs to them, as lines of JSON.

use std::{
    error::Error,
    io::{self, BufWriter},
    path::PathBuf,
};

use doorstep::{accounts::ArchiveError, adapters::new_file::NewFile, composition, config::Config};

use super::{Done, open_stores, output::OutputClosed, world};

/// Writes what is in the configured store into a new file, or to standard output.
///
/// # Errors
/// That the file is there already, the store does not answer, or holds something that cannot be read.
pub async fn export(config: Config, file: Option<PathBuf>) -> Done {
    let (clock, _) = world();
    let file = file.filter(|file| file.as_os_str() != "-").map(|file| NewFile::create(&file)).transpose()?;
    let archivist = composition::archivist(&open_stores(&config.stores, &clock).await?);
    let exported = if let Some((new, file)) = file {
        let exported = archivist.export(&mut BufWriter::new(file)).await?;
        new.keep()?;
        exported
    } else {
        let exported = archivist.export(&mut BufWriter::new(io::stdout().lock())).await;
        exported.map_err(|error| -> Box<dyn Error> {
            match error {
                ArchiveError::Stream(error) if error.kind() == io::ErrorKind::BrokenPipe => OutputClosed.into(),
                error => error.into(),
            }
        })?
    };
    tracing::info!(customers = exported.customers, records = exported.records, "exported");
    match exported.unreadable {
        0 => Ok(()),
        missing => Err(format!("all else was exported; records that cannot be read: {missing}").into()),
    }
}
