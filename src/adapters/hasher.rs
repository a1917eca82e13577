//! Password hashing with bcrypt, on its own threads, one hash per core at a time.
//!
//! A verification costs as many rounds as a new hash, whatever is stored: a cheaper hash is topped up, and a missing or
//! unreadable one is replaced by a dummy. So the time does not reveal if an account exists, or when its password was
//! last hashed. Only a hash of a higher cost takes longer. It exists after `BCRYPT_COST` was lowered, until that
//! customer's password changes. The dummy cannot cost more without slowing down every other login.
//!
//! The input of bcrypt is not the password but the base64 of its HMAC-SHA-384: always 64 ASCII characters, so bcrypt
//! neither truncates a long password at 72 bytes nor stops at a NUL. Plain bcrypt hashes from other shop systems verify
//! as well. The suffix after the 60 characters distinguishes the two.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use bcrypt::{BcryptResult, HashParts, Version};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha384;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::{
    accounts::ports::{HasherError, PasswordHash, PasswordHasher, Randomness, Verdict},
    domain::{Password, PasswordAttempt},
    telemetry::metrics::{self, Counted},
};

/// The suffix of a bcrypt hash whose input was the password's HMAC.
const SCHEME: &str = "$hmac-sha384";
/// Separates these HMACs from any other HMAC of the same password. Not a secret.
const DOMAIN: &[u8] = b"doorstep password v1";
/// The number of hashes that may wait for each core. At cost 12, the last one waits about seven seconds.
const QUEUE_PER_CORE: usize = 32;
/// The highest cost of a stored hash that is verified. Each step doubles the time: at 31, one login would take a day.
const HIGHEST_COST: u32 = 16;

/// A password hasher that uses bcrypt.
pub struct BcryptHasher {
    cost: u32,
    rounds: Rounds,
    randomness: Arc<dyn Randomness>,
    /// A permit for each core.
    running: Arc<Semaphore>,
    /// A permit for each hash that runs or waits.
    places: Arc<Semaphore>,
}

impl BcryptHasher {
    /// Returns a hasher. `cost` is the base-2 logarithm of the rounds, from 4 to 31.
    #[must_use]
    pub fn new(cost: u32, randomness: Arc<dyn Randomness>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self::with_queue(cost, randomness, cores, cores * QUEUE_PER_CORE)
    }

    /// Like [`Self::new`], with the given number of running and waiting hashes.
    #[must_use]
    pub fn with_queue(cost: u32, randomness: Arc<dyn Randomness>, cores: usize, waiting: usize) -> Self {
        let running = Arc::new(Semaphore::new(cores));
        let rounds = Rounds::default();
        Self { cost, rounds, randomness, running, places: Arc::new(Semaphore::new(cores + waiting)) }
    }

    /// Returns the number of bcrypt rounds computed so far: the work that callers could measure as time.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.rounds.0.load(Ordering::Relaxed)
    }

    /// Runs `work` outside the async threads. A caller that is cancelled while waiting gives up its place. Work that
    /// has started is finished, and occupies its core until then.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HasherError> {
        let begun = Instant::now();
        let place = self.places.clone().try_acquire_owned().map_err(|_| {
            metrics::hasher_refused();
            HasherError::Busy
        })?;
        let counted = Counted::password();
        let core = self.running.clone().acquire_owned().await.map_err(|error| HasherError::Failed(error.into()))?;
        let task = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((core, place, counted));
            done
        });
        let done = task.await.map_err(|error| HasherError::Failed(error.into()))?;
        metrics::hashed(begun.elapsed());
        Ok(done)
    }

    async fn hash_digest(&self, digest: Zeroizing<String>) -> Result<PasswordHash, HasherError> {
        let mut salt = [0; 16];
        self.randomness.fill(&mut salt);
        let (cost, rounds) = (self.cost, self.rounds.clone());
        let hashed = self.run(move || rounds.hash(digest.as_bytes(), cost, salt)).await?;
        let hashed = hashed.map_err(|error| HasherError::Failed(error.into()))?;
        Ok(PasswordHash::new(format!("{}{SCHEME}", hashed.format_for_version(Version::TwoB))))
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherError> {
        self.hash_digest(digest(password.expose())).await
    }

    async fn rehash(&self, attempt: PasswordAttempt) -> Result<PasswordHash, HasherError> {
        self.hash_digest(digest(attempt.expose())).await
    }

    async fn verify(&self, attempt: PasswordAttempt, hash: Option<PasswordHash>) -> Result<Verdict, HasherError> {
        let (cost, rounds) = (self.cost, self.rounds.clone());
        let known = hash.as_ref().and_then(|hash| Scheme::read(hash.expose()));
        if hash.is_some() && known.is_none() {
            tracing::warn!("unknown password hash format: the customer cannot log in with it");
        }
        self.run(move || {
            let digest = digest(attempt.expose());
            let Some((scheme, parts)) = known else {
                // Costs the same as a real verification, and never succeeds.
                let _ = rounds.hash(digest.as_bytes(), cost, [0; 16]);
                return Verdict::Wrong;
            };
            let input = match scheme {
                Scheme::Digest => digest.as_bytes(),
                Scheme::Plain => attempt.expose_typed().as_bytes(),
            };
            let right = rounds.is_hash_of(input, &parts);
            rounds.top_up(digest.as_bytes(), parts.get_cost(), cost);
            match (right, scheme) {
                (false, _) => Verdict::Wrong,
                (true, Scheme::Digest) if parts.get_cost() >= cost => Verdict::Right,
                (true, _) => Verdict::RightButOutdated,
            }
        })
        .await
    }
}

/// The scheme of a stored hash.
#[derive(Clone, Copy)]
enum Scheme {
    /// Bcrypt over the password's HMAC.
    Digest,
    /// Bcrypt over the password itself.
    Plain,
}

impl Scheme {
    /// Returns the scheme and the parts of a stored hash. Returns `None` if it is not bcrypt or its cost is too high.
    fn read(hash: &str) -> Option<(Self, HashParts)> {
        let (scheme, text) = match hash.strip_suffix(SCHEME) {
            Some(text) => (Self::Digest, text),
            None => (Self::Plain, hash),
        };
        let parts: HashParts = text.parse().ok()?;
        (parts.get_cost() <= HIGHEST_COST).then_some((scheme, parts))
    }
}

/// Returns the 64 characters that bcrypt hashes instead of the password.
fn digest(password: &str) -> Zeroizing<String> {
    let mut mac = <Hmac<Sha384> as KeyInit>::new_from_slice(DOMAIN)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(password.as_bytes());
    Zeroizing::new(STANDARD.encode(mac.finalize().into_bytes()))
}

/// Computes bcrypt and counts its rounds.
#[derive(Clone, Default)]
struct Rounds(Arc<AtomicU64>);

impl Rounds {
    /// Hashes at most 72 bytes of `input`. A digest is always shorter, and other systems truncated passwords at 72
    /// bytes.
    fn hash(&self, input: &[u8], cost: u32, salt: [u8; 16]) -> BcryptResult<HashParts> {
        self.0.fetch_add(1 << cost, Ordering::Relaxed);
        bcrypt::hash_with_salt(input, cost, salt)
    }

    fn is_hash_of(&self, input: &[u8], parts: &HashParts) -> bool {
        self.hash(input, parts.get_cost(), parts.get_salt_raw()).is_ok_and(|computed| {
            computed
                .format_for_version(Version::TwoB)
                .as_bytes()
                .ct_eq(parts.format_for_version(Version::TwoB).as_bytes())
                .into()
        })
    }

    /// Spends the rounds that a hash of cost `spent` lacks compared with one of cost `wanted`:
    /// `2^spent + … + 2^(wanted - 1)` equals `2^wanted - 2^spent`.
    fn top_up(&self, input: &[u8], spent: u32, wanted: u32) {
        for cost in spent..wanted {
            let _ = self.hash(input, cost, [0; 16]);
        }
    }
}

#[cfg(test)]
mod tests;
