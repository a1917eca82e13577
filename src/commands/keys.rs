//! `doorstep keys`: the keys that sign access tokens, for an operator.

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
    /// List them, with what each is good for now
    List,
    /// Add one that takes over in ten minutes; those before verify until their tokens have expired
    Rotate {
        /// One may be in wrong hands: the new one takes over at once, and no other verifies anything any more
        #[arg(long)]
        now: bool,
    },
}

/// Carries the command out, and prints every key that is there then.
///
/// # Errors
/// That a store cannot answer, or there is no secret; for the list, also that there is no store or no key.
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
        // Nor is a secret made for them.
        return Err(Refusal("There are no keys yet: the first start makes one.".to_owned()).into());
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
        KeyState::Signing => format!("signs since {}", timestamp(key.signs_from)),
        KeyState::Retired { until } => format!("retired, verifies until {}", timestamp(until)),
        KeyState::Over => "over".to_owned(),
    }
}
