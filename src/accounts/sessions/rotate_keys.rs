//! Rotate keys: an operator adds a key for new access tokens, without an effect on customers.

use std::{sync::Arc, time::Duration};

use zeroize::Zeroizing;

use crate::accounts::{
    core::error::Error,
    ports::{Clock, Randomness, SigningKeys},
    sessions::signing_key::{KeyRing, KeySeal, KeyState, SealedKey, SigningKey},
};

/// How long a new key is published before it signs: longer than an instance, or another service that verifies our
/// tokens, goes without reading the keys.
pub const NOTICE: Duration = Duration::from_mins(10);

/// When a new key takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handover {
    /// After [`NOTICE`]. The previous key verifies until its tokens have expired.
    Graceful,
    /// At once. All other keys become invalid: one of them may have leaked.
    Immediate,
}

/// Manages the signing keys in the store.
pub struct Keys {
    pub store: Arc<dyn SigningKeys>,
    pub seal: KeySeal,
    pub clock: Arc<dyn Clock>,
    pub randomness: Arc<dyn Randomness>,
    /// The lifetime of an access token.
    pub lifetime: Duration,
    /// The longest lifetime of a session.
    pub session_lifetime: Duration,
}

impl Keys {
    /// Returns all keys that can be opened. Creates one if there is none, and logs a warning if none of the existing keys
    /// can be opened: the program probably has the wrong secret.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn ring(&self) -> Result<KeyRing, Error> {
        loop {
            let stored = self.store.list().await?;
            let ring = self.open(&stored);
            if !ring.keys().is_empty() {
                return Ok(ring);
            }
            // If several instances start at once, one creates it and the others find it.
            if self.add(&stored, Duration::ZERO).await?.is_some() && !stored.is_empty() {
                tracing::warn!(
                    event = "signing_keys_unreadable",
                    keys = stored.len(),
                    "the stored signing keys are sealed under another SECRET_KEY: sessions that were started with it end; \
                     set SECRET_KEY_PREVIOUS to that secret to keep them"
                );
            }
        }
    }

    /// Returns every key with its current state, or with `None` if it was sealed with another secret.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn list(&self) -> Result<Vec<(SealedKey, Option<(SigningKey, KeyState)>)>, Error> {
        let stored = self.store.list().await?;
        let (ring, now) = (self.open(&stored), self.clock.now());
        let state = |key: SealedKey| {
            let opened = ring.keys().iter().find(|opened| opened.number == key.number);
            let opened = opened.map(|opened| (opened.clone(), ring.state(opened, now, self.lifetime)));
            (key, opened)
        };
        Ok(stored.into_iter().map(state).collect())
    }

    /// Adds a key that takes over, and removes the keys that are no longer needed.
    ///
    /// # Errors
    /// If the store does not answer. The new key may have been added. Rotating again does no harm.
    pub async fn rotate(&self, handover: Handover) -> Result<SigningKey, Error> {
        let (there, new) = loop {
            let there = self.store.list().await?;
            let notice = match handover {
                // If no key signs, there is none to take over from.
                Handover::Graceful if !self.open(&there).keys().is_empty() => NOTICE,
                Handover::Graceful | Handover::Immediate => Duration::ZERO,
            };
            if let Some(new) = self.add(&there, notice).await? {
                break (there, new);
            }
        };
        let worthless: Vec<u32> = match handover {
            Handover::Graceful => [self.over(&there), self.replaced_unreadable(&there)].concat(),
            Handover::Immediate => there.iter().map(|key| key.number).collect(),
        };
        self.store.remove(&worthless).await?;
        tracing::info!(
            event = "signing_key_added",
            number = new.number,
            ?handover,
            "a new key will sign access tokens"
        );
        Ok(new)
    }

    /// Adds a key after the existing ones. Returns `None` if another instance was faster.
    async fn add(&self, there: &[SealedKey], notice: Duration) -> Result<Option<SigningKey>, Error> {
        let now = self.clock.now();
        let number = there.iter().map(|key| key.number).max().unwrap_or(0) + 1;
        let mut key = SigningKey { number, seed: Zeroizing::new([0; 32]), created_at: now, signs_from: now + notice };
        self.randomness.fill(key.seed.as_mut_slice());
        let added = self.store.add(&self.seal.seal(&key, &*self.randomness)).await?;
        Ok(added.then_some(key))
    }

    /// Returns the numbers of the keys that no longer verify anything.
    fn over(&self, there: &[SealedKey]) -> Vec<u32> {
        let (ring, now) = (self.open(there), self.clock.now());
        let is_over = |key: &&SigningKey| ring.state(key, now, self.lifetime) == KeyState::Over;
        ring.keys().iter().filter(is_over).map(|key| key.number).collect()
    }

    /// Returns the numbers of the keys that cannot be opened and that a key of the current secret replaced longer ago than
    /// any session lasts. Without a replacement that old, the current secret may be a mistake.
    fn replaced_unreadable(&self, there: &[SealedKey]) -> Vec<u32> {
        let (ring, now) = (self.open(there), self.clock.now());
        let is_old = |key: &SigningKey| now - key.signs_from > self.session_lifetime;
        let newest_old = ring.keys().iter().filter(|key| is_old(key)).map(|key| key.number).max().unwrap_or(0);
        let is_readable = |number| ring.keys().iter().any(|key| key.number == number);
        there.iter().map(|key| key.number).filter(|number| *number < newest_old && !is_readable(*number)).collect()
    }

    fn open(&self, stored: &[SealedKey]) -> KeyRing {
        let open = |key: &SealedKey| {
            let opened = self.seal.open(key);
            if opened.is_none() {
                tracing::debug!(number = key.number, "a signing key was sealed under another SECRET_KEY");
            }
            opened
        };
        KeyRing::new(stored.iter().filter_map(open).collect())
    }
}
