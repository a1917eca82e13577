//! `doorstep import`: what was exported, into the store that is configured.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::PathBuf,
};

use doorstep::{accounts::Imported, composition, config::Config};

use super::{Done, open_stores, world};

/// Reads what was exported from a file, or from standard input.
///
/// # Errors
/// That the file cannot be read to its end, the store does not answer, or a customer was left out for another reason than a
/// newer record in the store.
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
    report(&imported)
}

/// Says how many customers were left out, and why. Only the newer records of a store are no error.
fn report(imported: &Imported) -> Done {
    if !imported.newer.is_empty() {
        let customers = imported.newer.len();
        tracing::warn!(customers, "skipped: the store has newer records of these customers, and they stay as they are");
    }
    let problems = [
        ("customers left out, since others have their addresses", imported.skipped.len() as u64),
        ("customers left out, since a field is invalid", imported.invalid.len() as u64),
        ("mails left out, since a field is invalid", imported.invalid_mails),
    ];
    let problems =
        problems.iter().filter(|(_, count)| *count > 0).map(|(problem, count)| format!("{problem}: {count}"));
    match problems.collect::<Vec<_>>().join("; ") {
        none if none.is_empty() => Ok(()),
        problems => Err(problems.into()),
    }
}
