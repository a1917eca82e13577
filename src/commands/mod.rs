//! The program's commands, one per file, and what they share: clock, randomness and the configured stores.

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
pub mod signals;
pub mod telemetry;

use std::{error::Error, sync::Arc, time::Duration};

use doorstep::{
    accounts::ports::{Clock, Randomness, StoreError},
    adapters::{clock::SystemClock, embedded::Embedded, randomness::SystemRandomness},
    composition::{self, KEPT_SECRET_KEY, Stores},
    config::{Config, SecretKeys, StoresConfig},
};
use tokio::time::Instant;

/// How long to wait for a store at the start.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The result of a command. An error is reported by its own text.
pub type Done = Result<(), Box<dyn Error>>;

/// Why a command refused a request, as a sentence for the person who ran it. The program itself works as intended.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(String);

impl Refusal {
    /// Returns the refusal with the text of an error and its causes.
    pub fn of(error: &dyn Error) -> Self {
        Self(in_full(error))
    }
}

/// Returns an error with its causes in one line.
fn in_full(error: &dyn Error) -> String {
    let errors = std::iter::successors(Some(error), |&error| error.source());
    errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Returns the system's clock and random generator.
fn world() -> (Arc<dyn Clock>, Arc<dyn Randomness>) {
    (Arc::new(SystemClock), Arc::new(SystemRandomness))
}

/// Returns the configured secrets, or the secret that the embedded store keeps.
///
/// # Errors
/// A [`Refusal`] if the store was used with a secret that is missing now, for example because its file was copied
/// without `secret.key`: a new one would sign all customers out without an apparent reason.
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
                     SECRET_KEY. Restore the file that was kept with the store, or set SECRET_KEY. If it is lost, set \
                     SECRET_KEY to a new value (openssl rand -base64 32): all customers then have to log in again.",
                    folder = data_dir.display()
                ))
                .into());
            }
            composition::kept_secret_key(data_dir, randomness)?
        }
        (None, StoresConfig::Servers { .. }) => return Err("SECRET_KEY is required".into()),
    };
    Ok(SecretKeys { current, previous: config.previous_secret_key.clone() })
}

/// Opens the stores for a command that uses existing data. If there is none, the directory is probably wrong.
///
/// # Errors
/// A [`Refusal`] if there is no embedded store. None is created.
async fn open_existing_stores(config: &StoresConfig, clock: &Arc<dyn Clock>) -> Result<Stores, Box<dyn Error>> {
    match config {
        StoresConfig::Embedded { data_dir } if !Embedded::exists(data_dir)? => Err(Refusal(format!(
            "No store found in {}: run the command in the program's directory, or set DATA_DIR.",
            data_dir.display()
        ))
        .into()),
        _ => open_stores(config, clock).await,
    }
}

/// Opens the stores, and waits for those that are not available yet.
async fn open_stores(config: &StoresConfig, clock: &Arc<dyn Clock>) -> Result<Stores, Box<dyn Error>> {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        match Stores::open(config, clock).await {
            Ok(stores) => return Ok(stores),
            // Only an unavailable store is retried. Other errors, such as invalid data or a read-only folder, do not go
            // away.
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
