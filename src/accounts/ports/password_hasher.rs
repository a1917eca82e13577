//! The password hasher.

use async_trait::async_trait;

use super::PasswordHash;
use crate::domain::{Password, PasswordAttempt};

/// Why a password was neither hashed nor verified.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// The queue is full.
    #[error("the queue of the password hasher is full")]
    Busy,
    #[error("the password hasher failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The result of comparing a password with a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, but hashed with an older scheme or cost: rehash the password while it is known.
    RightButOutdated,
}

/// Hashes passwords, outside of the threads that serve requests, and only as many at once as the machine can handle.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a newly chosen password.
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherError>;

    /// Rehashes a password that has just been verified.
    async fn rehash(&self, attempt: PasswordAttempt) -> Result<PasswordHash, HasherError>;

    /// Compares a password with a hash. Without a hash, it costs the same and the result is `Wrong` (ASVS 5.0, 6.3.8).
    async fn verify(&self, attempt: PasswordAttempt, hash: Option<PasswordHash>) -> Result<Verdict, HasherError>;
}
