//! `doorstep check-config`: prints the effective configuration, its warnings, and the stores that it selects.

use doorstep::{
    composition::{StoreSummary, check_redis},
    config::Config,
};

use super::{Done, Refusal, in_full, output::print};

/// Prints the configuration without its secrets. Lines that are not variables start with `#`.
///
/// # Errors
/// A [`Refusal`] if a store does not answer, or an error if the output cannot be written.
pub async fn check_config(config: Config) -> Done {
    print(&config)?;
    for warning in &config.warnings {
        print(format_args!("# warning: {warning}"))?;
    }
    let (summary, redis) = tokio::join!(StoreSummary::of(&config.stores), check_redis(&config.stores));
    let mut failures = Vec::new();
    match summary {
        Ok(summary) => print_summary(&summary)?,
        Err(error) => failures.push(in_full(&error)),
    }
    match redis {
        Ok(Some(url)) => print(format_args!("# store in use: redis, {url}"))?,
        Ok(None) => {}
        Err(error) => failures.push(in_full(&error)),
    }
    if failures.is_empty() {
        return Ok(());
    }
    let failures = failures.join("; ");
    Err(Refusal(format!("The configuration is valid, but the store cannot be used: {failures}")).into())
}

fn print_summary(summary: &StoreSummary) -> Done {
    if let Some(warning) = summary.warning() {
        print(format_args!("# warning: {warning}"))?;
    }
    print(format_args!("# {summary}"))
}
