//! `doorstep check-config`: prints the effective configuration, its warnings, and the stores that it selects.

use std::error::Error;

use doorstep::{
    composition::{self, StoreSummary, check_redis},
    config::{Config, StoresConfig},
};

use super::{Done, Refusal, in_full, output::print};

/// Prints the configuration without its secrets. Lines that are not variables start with `#`.
///
/// # Errors
/// A [`Refusal`] if a store does not answer or refuses every sign-up, or the secret of an embedded store cannot be
/// read; an error if the output cannot be written.
pub async fn check_config(config: Config) -> Done {
    print(&config)?;
    for warning in &config.warnings {
        print(format_args!("# warning: {warning}"))?;
    }
    let (summary, redis) = tokio::join!(StoreSummary::of(&config.stores), check_redis(&config.stores));
    let mut failures = Vec::new();
    match summary {
        Ok(summary) => {
            print_summary(&summary)?;
            failures.extend(summary.obstacles);
        }
        Err(error) => failures.push(in_full(&error)),
    }
    match redis {
        Ok(Some(url)) => print(format_args!("# store in use: redis, {url}"))?,
        Ok(None) => {}
        Err(error) => failures.push(in_full(&error)),
    }
    if failures.is_empty() {
        return check_kept_secret_key(&config);
    }
    Err(unusable("the store", &failures.join("; ")).into())
}

fn print_summary(summary: &StoreSummary) -> Done {
    for warning in &summary.warnings {
        print(format_args!("# warning: {warning}"))?;
    }
    print(format_args!("# {summary}"))
}

/// Checks that the secret beside the embedded store can be read, if it is in use. The first start creates a missing one.
fn check_kept_secret_key(config: &Config) -> Done {
    match (&config.stores, &config.secret_key) {
        (StoresConfig::Embedded { data_dir }, None) => composition::find_kept_secret_key(data_dir)
            .map(drop)
            .map_err(|error| unusable("the secret of the store", &in_full(&error as &dyn Error)).into()),
        _ => Ok(()),
    }
}

fn unusable(part: &str, reason: &str) -> Refusal {
    Refusal(format!("The configuration is valid, but {part} cannot be used: {reason}"))
}
