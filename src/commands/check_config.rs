//! `doorstep check-config`: the configuration that is in effect, what there is to know of it, and the store it leads to.

use doorstep::{composition::StoreSummary, config::Config};

use super::{Done, output::print};

/// Prints the configuration, without its secrets. The lines that are no variables begin with `#`. A store that does not
/// answer is said and is no error: the configuration may be checked elsewhere than where it is used.
///
/// # Errors
/// That it cannot be printed.
pub async fn check_config(config: Config) -> Done {
    print(&config)?;
    for warning in &config.warnings {
        print(format_args!("# warning: {warning}"))?;
    }
    match StoreSummary::of(&config.stores).await {
        Ok(summary) => print(format_args!("# {summary}")),
        Err(error) => print(format_args!("# store in use: {error}")),
    }
}
