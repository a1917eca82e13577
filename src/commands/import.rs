//! `doorstep import`: imports an export into the configured store.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::PathBuf,
};

use doorstep::{accounts::Imported, composition, config::Config};

use super::{Done, open_stores, world};

/// Imports an export from a file or from standard input.
///
/// # Errors
/// If the file cannot be read to its end, the store does not answer, or a customer was left out for another reason than
/// a newer record in the store.
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

/// Reports how many customers were left out, and why. Newer records in the store are not an error.
fn report(imported: &Imported) -> Done {
    if !imported.newer.is_empty() {
        let customers = imported.newer.len();
        tracing::warn!(customers, "customers skipped: the store has newer records");
    }
    let problems = [
        ("customers skipped because another customer has their address", imported.skipped.len() as u64),
        ("customers skipped because a field is invalid", imported.invalid.len() as u64),
        ("mails skipped because a field is invalid", imported.invalid_mails),
    ];
    let problems =
        problems.iter().filter(|(_, count)| *count > 0).map(|(problem, count)| format!("{problem}: {count}"));
    match problems.collect::<Vec<_>>().join("; ") {
        none if none.is_empty() => Ok(()),
        problems => Err(problems.into()),
    }
}
