//! Rotate keys: an operator has new access tokens signed by a new key, and nobody notices.

use std::{sync::Arc, time::Duration};

use zeroize::Zeroizing;

use super::{
    Error, KeyRing, KeySeal, KeyState, SealedKey, SigningKey,
    ports::{Clock, Randomness, SigningKeys},
};

/// How long a new key is published before it signs: longer than an instance or another service that verifies our tokens
/// goes without looking.
pub const NOTICE: Duration = Duration::from_mins(10);

/// When a new key takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handover {
    /// After [`NOTICE`]; the one before verifies until its tokens have expired.
    Graceful,
    /// At once, and all others are worth nothing any more: one of them may be in wrong hands.
    Immediate,
}

/// Looks after the signing keys in the store.
pub struct Keys {
    pub store: Arc<dyn SigningKeys>,
    pub seal: KeySeal,
    pub clock: Arc<dyn Clock>,
    pub randomness: Arc<dyn Randomness>,
    /// How long an access token lives.
    pub lifetime: Duration,
}

impl Keys {
    /// All keys that can be opened; the first one is made where there is none.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn ring(&self) -> Result<KeyRing, Error> {
        loop {
            let stored = self.store.list().await?;
            let ring = self.open(&stored);
            if !ring.keys().is_empty() {
                return Ok(ring);
            }
            // Of several instances that start at once, one makes it; the others find it.
            self.add(&stored, Duration::ZERO).await?;
        }
    }

    /// Every key with what it is good for now; `None` for one that was sealed under another secret.
    ///
    /// # Errors
    /// That the store cannot answer.
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

    /// Adds a key that takes over, and removes those that are worth nothing any more.
    ///
    /// # Errors
    /// That the store cannot answer. The new key may be there all the same; rotating again does no harm.
    pub async fn rotate(&self, handover: Handover) -> Result<SigningKey, Error> {
        let (there, new) = loop {
            let there = self.store.list().await?;
            let notice = match handover {
                // Where none signs there is none to take over from.
                Handover::Graceful if !self.open(&there).keys().is_empty() => NOTICE,
                Handover::Graceful | Handover::Immediate => Duration::ZERO,
            };
            if let Some(new) = self.add(&there, notice).await? {
                break (there, new);
            }
        };
        let worthless: Vec<u32> = match handover {
            Handover::Graceful => self.over(&there),
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

    /// Adds a key after those that are there; `None` when another instance was faster.
    async fn add(&self, there: &[SealedKey], notice: Duration) -> Result<Option<SigningKey>, Error> {
        let now = self.clock.now();
        let number = there.iter().map(|key| key.number).max().unwrap_or(0) + 1;
        let mut key = SigningKey { number, seed: Zeroizing::new([0; 32]), created_at: now, signs_from: now + notice };
        self.randomness.fill(key.seed.as_mut_slice());
        let added = self.store.add(&self.seal.seal(&key, &*self.randomness)).await?;
        Ok(added.then_some(key))
    }

    /// The numbers of those that verify nothing any more.
    fn over(&self, there: &[SealedKey]) -> Vec<u32> {
        let (ring, now) = (self.open(there), self.clock.now());
        let is_over = |key: &&SigningKey| ring.state(key, now, self.lifetime) == KeyState::Over;
        ring.keys().iter().filter(is_over).map(|key| key.number).collect()
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
