//! The program's commands, one a file, and what they share: the world as it is, and the stores that are configured.

pub mod backup;
pub mod check_config;
pub mod customers;
pub mod export;
pub mod healthcheck;
pub mod import;
pub mod keys;
pub mod migrate;
pub mod output;
pub mod serve;
pub mod telemetry;

use std::{error::Error, sync::Arc, time::Duration};

use doorstep::{
    accounts::ports::{Clock, Randomness, StoreError},
    adapters::{clock::SystemClock, embedded::Embedded, randomness::SystemRandomness},
    composition::{self, KEPT_SECRET_KEY, Stores},
    config::{Config, SecretKeys, StoresConfig},
};
use tokio::time::Instant;

/// How long a store may take to come up before the program gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a command came to; an error is said in its own words.
pub type Done = Result<(), Box<dyn Error>>;

/// Why a command does not do what was asked of it, in a sentence for whoever typed it: nothing is wrong with the program.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(String);

/// Time and chance, as the system gives them.
fn world() -> (Arc<dyn Clock>, Arc<dyn Randomness>) {
    (Arc::new(SystemClock), Arc::new(SystemRandomness))
}

/// The secrets that are configured, or the one that the embedded store keeps.
///
/// # Errors
/// A [`Refusal`] when the store was used with a secret that is not there any more, as when its file was copied without
/// `secret.key`: a new one would sign everybody out, and nobody would know why.
async fn secret_keys(
    config: &Config,
    stores: &Stores,
    randomness: &dyn Randomness,
) -> Result<SecretKeys, Box<dyn Error>> {
    let current = match (&config.secret_key, &config.stores) {
        (Some(key), _) => key.clone(),
        (None, StoresConfig::Embedded { data_dir }) => {
            if !data_dir.join(KEPT_SECRET_KEY).exists() && !stores.signing_keys.list().await?.is_empty() {
                return Err(Refusal(format!(
                    "The store in {folder} was used with a secret that is missing: {folder}/{KEPT_SECRET_KEY}, or a \
                     SECRET_KEY. Put back the file that was kept with the store, or set SECRET_KEY. If it is lost, set \
                     SECRET_KEY to a new one (openssl rand -base64 32): then all customers have to log in again.",
                    folder = data_dir.display()
                ))
                .into());
            }
            composition::kept_secret_key(data_dir, randomness)?
        }
        (None, StoresConfig::Servers { .. }) => return Err("SECRET_KEY is needed".into()),
    };
    Ok(SecretKeys { current, previous: config.previous_secret_key.clone() })
}

/// Opens the stores of a command that handles what is in them: where there is nothing, most likely the directory is wrong.
///
/// # Errors
/// A [`Refusal`] when there is no embedded store; none is made.
async fn open_existing_stores(config: &StoresConfig, clock: &Arc<dyn Clock>) -> Result<Stores, Box<dyn Error>> {
    match config {
        StoresConfig::Embedded { data_dir } if !Embedded::exists(data_dir) => Err(Refusal(format!(
            "There is no store in {}: run the command in the directory of the program, or set DATA_DIR.",
            data_dir.display()
        ))
        .into()),
        _ => open_stores(config, clock).await,
    }
}

/// Opens the stores, and waits for those that are not up yet.
async fn open_stores(config: &StoresConfig, clock: &Arc<dyn Clock>) -> Result<Stores, Box<dyn Error>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match Stores::open(config, clock).await {
            Ok(stores) => return Ok(stores),
            // What is stored wrongly will not mend itself, nor will a folder that cannot be written to.
            Err(error @ StoreError::Unavailable { .. })
                if Instant::now() < deadline && matches!(config, StoresConfig::Servers { .. }) =>
            {
                tracing::warn!(error = &error as &dyn Error, "waiting for a store");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}
