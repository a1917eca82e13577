//! `doorstep check-config`: the configuration that is in effect, what there is to know of it, and the store it leads to.

use std::error::Error;

use doorstep::{composition::StoreSummary, config::Config};

use super::{Done, Refusal, output::print};

/// Prints the configuration, without its secrets. The lines that are no variables begin with `#`.
///
/// # Errors
/// A [`Refusal`] when the store does not answer, or that it cannot be printed.
pub async fn check_config(config: Config) -> Done {
    print(&config)?;
    for warning in &config.warnings {
        print(format_args!("# warning: {warning}"))?;
    }
    match StoreSummary::of(&config.stores).await {
        Ok(summary) => print(format_args!("# {summary}")),
        Err(error) => {
            Err(Refusal(format!("The configuration is valid, but its store cannot be used: {}", in_full(&error)))
                .into())
        }
    }
}

/// An error and its causes, in one line.
fn in_full(error: &dyn Error) -> String {
    let errors = std::iter::successors(Some(error), |&error| error.source());
    errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
