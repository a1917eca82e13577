//! `doorstep keys`: the keys that sign access tokens, for an operator.

use super::{Done, open_stores, secret_key, world};
use clap::Subcommand;
use doorstep::{
    accounts::{Handover, KeyState, SigningKey, timestamp},
    adapters::access_tokens,
    composition,
    config::Config,
};

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
/// That a store cannot answer, or there is no secret.
pub async fn keys(config: Config, command: KeysCommand) -> Done {
    let (clock, randomness) = world();
    let secret_key = secret_key(&config, &*randomness)?;
    let stores = open_stores(&config.stores, &clock).await?;
    let keys = composition::keys(&stores, &secret_key, &clock, &randomness, config.lifetimes);
    match command {
        KeysCommand::List => {}
        KeysCommand::Rotate { now: false } => drop(keys.rotate(Handover::Graceful).await?),
        KeysCommand::Rotate { now: true } => drop(keys.rotate(Handover::Immediate).await?),
    }
    for (stored, opened) in keys.list().await? {
        match opened {
            Some((key, state)) => {
                println!("{}  {}  {}", key.number, access_tokens::key_id(&key), in_words(&key, state));
            }
            None => println!("{}  sealed under another SECRET_KEY", stored.number),
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
