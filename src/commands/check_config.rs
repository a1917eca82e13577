//! `doorstep check-config`: prints the effective configuration, its warnings, and the store that it selects.

use doorstep::{composition::StoreSummary, config::Config};

use super::{Done, Refusal, in_full, output::print};

/// Prints the configuration without its secrets. Lines that are not variables start with `#`.
///
/// # Errors
/// A [`Refusal`] if the store does not answer, or an error if the output cannot be written.
pub async fn check_config(config: Config) -> Done {
    print(&config)?;
    for warning in &config.warnings {
        print(format_args!("# warning: {warning}"))?;
    }
    match StoreSummary::of(&config.stores).await {
        Ok(summary) => print(format_args!("# {summary}")),
        Err(error) => {
            Err(Refusal(format!("The configuration is valid, but the store cannot be used: {}", in_full(&error)))
                .into())
        }
    }
}
