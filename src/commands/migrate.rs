//! `doorstep migrate`: brings the stores up to date, as every start does too, or says what that would be.

use doorstep::{composition::Stores, config::Config};

use super::{Done, open_stores, output::print, world};

/// Does it, or with `dry_run` says what it would do, a line each. One instance at a time does it, whoever else starts.
///
/// # Errors
/// That a store cannot answer, or what is stored forbids it.
pub async fn migrate(config: Config, dry_run: bool) -> Done {
    let pending = Stores::pending_migrations(&config.stores).await?;
    if !dry_run {
        open_stores(&config.stores, &world().0).await?.close().await;
    }
    for step in &pending {
        print(format_args!("{} {step}", if dry_run { "would:" } else { "done:" }))?;
    }
    if pending.is_empty() {
        print("up to date")?;
    }
    Ok(())
}
