//! `doorstep migrate`: migrates the stores, as every start does too, or prints the pending migrations.

use doorstep::{composition::Stores, config::Config};

use super::{Done, open_stores, output::print, world};

/// Migrates the stores, or with `dry_run` prints the pending migrations, one per line. Only one instance migrates at a
/// time.
///
/// # Errors
/// If a store does not answer, or its content prevents a migration.
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
