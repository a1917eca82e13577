//! The store of sessions.

use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::StoreError;
use crate::{
    accounts::{
        core::{browser::BrowserHash, network::Network},
        sessions::{
            refresh_token::TokenHash,
            session::{Session, SessionId, SessionKey},
        },
    },
    domain::{CredentialEpoch, CustomerId},
};

/// One use of a refresh token, with its successor and the limits of the session.
#[derive(Clone, Debug)]
pub struct Rotation {
    pub session: SessionKey,
    pub presented: TokenHash,
    pub successor: TokenHash,
    /// The account's credential epoch, as far as this instance knows. Sessions of earlier epochs have ended.
    pub epoch: CredentialEpoch,
    /// The browser that sent the token, if it has signed in before.
    pub browser: Option<BrowserHash>,
    /// The network that the token came from.
    pub network: Network,
    pub now: OffsetDateTime,
    pub grace: Duration,
    /// The session's next idle limit is `now` plus this, but at most its absolute limit.
    pub idle: Duration,
}

/// The maximum difference between the clocks of instances, and of other services. A clock that is further behind is
/// wrong.
pub const CLOCK_SKEW: Duration = Duration::from_secs(30);

/// The result of one use of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationOutcome {
    /// The token was the current one. Now its successor is.
    Rotated { expires_at: OffsetDateTime },
    /// The token was used before, but its successor, which is the current token, was not: the response may have been
    /// lost. The successor may be sent again, since the token was used less than the grace period ago, or comes from
    /// the session's own browser in the network of its last use.
    Repeated { expires_at: OffsetDateTime },
    /// The token was used up earlier. Another party has a copy, so the session has been ended (RFC 9700, 4.14.2).
    Reused,
    /// There is no such session, or it has expired, or belongs to an earlier credential epoch. It has been ended, so a
    /// clock that is set back does not revive it.
    Gone,
}

/// The maximum number of sessions of a customer (ASVS 5.0, 7.1.2). A new session above it ends another one: first those
/// that have expired, then those that were never used since their creation, oldest first, then the one whose last use
/// was longest ago. So a flood of logins ends its own sessions, not those in use. A session was used if it was seen
/// after its creation (see [`Sessions::touch`]).
pub const MOST_SESSIONS: usize = 100;

/// Stores sessions. A session that is not stored has ended.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Adds a session, and ends others of the customer if there are more than [`MOST_SESSIONS`].
    async fn create(&self, session: &Session) -> Result<(), StoreError>;

    /// Returns the session, if it is live at `now`.
    async fn find(&self, key: SessionKey, now: OffsetDateTime) -> Result<Option<Session>, StoreError>;

    /// Returns true if the session is live at `now`. Cheaper than [`Self::find`].
    async fn is_live(&self, key: SessionKey, now: OffsetDateTime) -> Result<bool, StoreError>;

    /// Returns the customer's sessions that are live at `now`, most recently seen first.
    async fn list(&self, customer: CustomerId, now: OffsetDateTime) -> Result<Vec<Session>, StoreError>;

    /// Records that a request used the session. A session that has ended stays ended, and the recorded time never
    /// decreases. It is later than the creation of the session, even if `now` is not: it shows that the session was
    /// used.
    async fn touch(&self, key: SessionKey, now: OffsetDateTime) -> Result<(), StoreError>;

    /// Uses a refresh token, in one atomic step.
    async fn rotate(&self, rotation: &Rotation) -> Result<RotationOutcome, StoreError>;

    /// Ends the session. Returns true if there was one. A session that has already ended is not an error.
    async fn end(&self, key: SessionKey) -> Result<bool, StoreError>;

    /// Ends the customer's sessions of all epochs before `before`, except `kept`, in one atomic step. Returns their
    /// ids.
    async fn end_others(
        &self,
        customer: CustomerId,
        kept: SessionId,
        before: CredentialEpoch,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Moves the session to `epoch` and `browser`, unless it has ended or belongs to a later epoch.
    async fn carry_over(&self, key: SessionKey, epoch: CredentialEpoch, browser: BrowserHash)
    -> Result<(), StoreError>;

    /// Returns `Ok` if the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}
