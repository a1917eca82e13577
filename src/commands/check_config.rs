//! `doorstep check-config`: prints the effective configuration, its warnings, and the store that it selects.

use std::error::Error;

use doorstep::{
    composition::{self, StoreSummary},
    config::{Config, StoresConfig},
};

use super::{Done, Refusal, in_full, output::print};

/// Prints the configuration without its secrets. Lines that are not variables start with `#`.
///
/// # Errors
/// A [`Refusal`] if the store does not answer or its secret cannot be read, or an error if the output cannot be written.
pub async fn check_config(config: Config) -> Done {
    print(&config)?;
    for warning in &config.warnings {
        print(format_args!("# warning: {warning}"))?;
    }
    match StoreSummary::of(&config.stores).await {
        Ok(summary) => print(format_args!("# {summary}"))?,
        Err(error) => return Err(unusable("the store", &error).into()),
    }
    check_kept_secret_key(&config)
}

/// Checks that the secret beside the embedded store can be read, if it is in use. The first start creates a missing one.
fn check_kept_secret_key(config: &Config) -> Done {
    match (&config.stores, &config.secret_key) {
        (StoresConfig::Embedded { data_dir }, None) => composition::find_kept_secret_key(data_dir)
            .map(drop)
            .map_err(|error| unusable("the secret of the store", &error).into()),
        _ => Ok(()),
    }
}

fn unusable(part: &str, error: &dyn Error) -> Refusal {
    Refusal(format!("The configuration is valid, but {part} cannot be used: {}", in_full(error)))
}
