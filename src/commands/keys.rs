//! `doorstep keys`: manages the keys that sign access tokens.

use clap::Subcommand;
use doorstep::{
    accounts::{Handover, KeyState, SigningKey, timestamp},
    adapters::access_tokens,
    composition::{self, Stores},
    config::Config,
};

use super::{Done, Refusal, open_existing_stores, open_stores, output::print, secret_keys, world};

#[derive(Subcommand)]
pub enum KeysCommand {
    /// List the keys and their state
    List,
    /// Add a key that signs in 10 minutes; older keys verify until their tokens have expired
    Rotate {
        /// After a leak: the new key signs at once, and older keys stop verifying
        #[arg(long)]
        now: bool,
    },
}

/// Runs the command, and prints all keys afterwards.
///
/// # Errors
/// If a store does not answer, or there is no secret. For the list, also if there is no store or no key.
pub async fn keys(config: Config, command: KeysCommand) -> Done {
    let (clock, _) = world();
    let stores = match command {
        KeysCommand::List => open_existing_stores(&config.stores, &clock).await?,
        KeysCommand::Rotate { .. } => open_stores(&config.stores, &clock).await?,
    };
    let done = carry_out(&config, &command, &stores).await;
    stores.close().await;
    done
}

async fn carry_out(config: &Config, command: &KeysCommand, stores: &Stores) -> Done {
    let (clock, randomness) = world();
    if matches!(command, KeysCommand::List) && stores.signing_keys.list().await?.is_empty() {
        // Checked here, so that no secret is created for a list.
        return Err(Refusal("No keys found: the first start creates one.".to_owned()).into());
    }
    let secret_keys = secret_keys(config, stores, &*randomness).await?;
    let keys = composition::keys(stores, &secret_keys, &clock, &randomness, config.lifetimes);
    match command {
        KeysCommand::List => {}
        KeysCommand::Rotate { now: false } => drop(keys.rotate(Handover::Graceful).await?),
        KeysCommand::Rotate { now: true } => drop(keys.rotate(Handover::Immediate).await?),
    }
    for (stored, opened) in keys.list().await? {
        match opened {
            Some((key, state)) => {
                let previous =
                    if keys.seal.is_of_previous(&stored) { "  sealed under SECRET_KEY_PREVIOUS" } else { "" };
                let (id, state) = (access_tokens::key_id(&key), in_words(&key, state));
                print(format_args!("{}  {id}  {state}{previous}", key.number))?;
            }
            None => print(format_args!("{}  sealed under another SECRET_KEY", stored.number))?,
        }
    }
    Ok(())
}

fn in_words(key: &SigningKey, state: KeyState) -> String {
    match state {
        KeyState::Next => format!("will sign from {}", timestamp(key.signs_from)),
        KeyState::Signing => format!("signing since {}", timestamp(key.signs_from)),
        KeyState::Retired { until } => format!("retired, verifies until {}", timestamp(until)),
        KeyState::Over => "over".to_owned(),
    }
}
