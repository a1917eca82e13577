//! What the use cases need of the world, as traits. Adapters implement them; one suite of tests holds every adapter of
//! a port to the same promises (`tests/suite/stores`).

mod archive;
mod customers;
mod mail;

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::{AccessClaims, Activity, BrowserHash, KeyRing, SealedKey, Session, SessionId, SessionKey, TokenHash};
use crate::domain::{CustomerId, EmailAddress, Password, PasswordAttempt};

pub use archive::{Archive, Belonging, CustomerRecord, KnownBrowser, Page, WaitingMail};
pub use customers::{
    Address, AddressError, Credentials, Customers, EmailChange, FormerEmail, Notified, PasswordHash, Reset, Securing,
    Verification,
};
pub use mail::{Lease, Letters, Mailer, MailerError, Outbox, TakenMail, WrittenMail};

/// The time of day.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now, in UTC, to the millisecond: no store keeps more.
    fn now(&self) -> OffsetDateTime;

    /// Lets this much time pass.
    async fn wait(&self, time: Duration);
}

/// Chance, from the system's generator.
pub trait Randomness: Send + Sync {
    /// Fills `bytes` with unpredictable ones.
    fn fill(&self, bytes: &mut [u8]);
}

/// Why a store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not answer, or not in time. Trying again later may help.
    #[error("{store} does not answer")]
    Unavailable { store: StoreName, source: Box<dyn std::error::Error + Send + Sync> },
    /// It answered with something that cannot be what was written.
    #[error("{store} holds a record that cannot be read: {record}")]
    Corrupt { store: StoreName, record: String, source: Box<dyn std::error::Error + Send + Sync> },
}

/// A store, as operators know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreName {
    MongoDb,
    Redis,
    Embedded,
}

impl StoreName {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MongoDb => "mongodb",
            Self::Redis => "redis",
            Self::Embedded => "embedded",
        }
    }
}

impl std::fmt::Display for StoreName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One use of a refresh token: what was shown, what is to follow it, and by which limits.
#[derive(Clone, Debug)]
pub struct Rotation {
    pub session: SessionKey,
    pub presented: TokenHash,
    pub successor: TokenHash,
    pub now: OffsetDateTime,
    pub grace: Duration,
    /// The session's next idle limit is `now` plus this, but never past its absolute limit.
    pub idle: Duration,
}

/// How far the clocks of instances, and of other services, may be apart. A clock that is further behind is wrong.
pub const CLOCK_SKEW: Duration = Duration::from_secs(30);

/// What came of one use of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationOutcome {
    /// The token was the current one; its successor now is.
    Rotated { expires_at: OffsetDateTime },
    /// The token was used less than the grace ago: its successor, which is the current one, may be handed out again.
    Repeated { expires_at: OffsetDateTime },
    /// The token was used up earlier. Somebody holds a copy, so the session has been ended (RFC 9700, 4.14.2).
    Reused,
    /// There is no such session, or its time is over; then it has been ended, and no clock that goes back revives it.
    Gone,
}

/// How many sessions a customer may have at once; a new one ends the one that was seen the longest ago.
pub const MOST_SESSIONS: usize = 100;

/// How much of what happened a customer is shown.
pub const MOST_ACTIVITIES: usize = 200;

/// Where sessions live. A session that is not there is over: absence always means no.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Adds a session. Of the customer's sessions, only the [`MOST_SESSIONS`] that were seen last are kept.
    async fn create(&self, session: &Session) -> Result<(), StoreError>;

    /// The session, if it lives at `now`.
    async fn find(&self, key: SessionKey, now: OffsetDateTime) -> Result<Option<Session>, StoreError>;

    /// Whether the session lives at `now`; cheaper than [`Self::find`].
    async fn is_live(&self, key: SessionKey, now: OffsetDateTime) -> Result<bool, StoreError>;

    /// The customer's sessions that live at `now`, the one that was seen last first.
    async fn list(&self, customer: CustomerId, now: OffsetDateTime) -> Result<Vec<Session>, StoreError>;

    /// Notes that a request came by the session. What is over stays over, and time never runs back.
    async fn touch(&self, key: SessionKey, now: OffsetDateTime) -> Result<(), StoreError>;

    /// Uses a refresh token, in one atomic step.
    async fn rotate(&self, rotation: &Rotation) -> Result<RotationOutcome, StoreError>;

    /// Ends the session, and says whether there was one; one that is over already is no error.
    async fn end(&self, key: SessionKey) -> Result<bool, StoreError>;

    /// Ends all of the customer's sessions except `kept`, in one atomic step, and says which they were.
    async fn end_others(&self, customer: CustomerId, kept: SessionId) -> Result<Vec<SessionId>, StoreError>;

    /// Whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Where it is kept what happened to accounts.
#[async_trait]
pub trait Timeline: Send + Sync {
    /// Adds what happened. Failed attempts of the same hour are summed in one entry.
    async fn record(&self, activity: &Activity) -> Result<(), StoreError>;

    /// What happened to the account, as far as is kept at `now`: the latest first, [`MOST_ACTIVITIES`] at most.
    async fn activities(&self, customer: CustomerId, now: OffsetDateTime) -> Result<Vec<Activity>, StoreError>;
}

/// Where it is kept by which browsers a customer signed in, as hashes.
#[async_trait]
pub trait Browsers: Send + Sync {
    /// Has the browser known to the customer until `expires_at`.
    async fn remember(
        &self,
        customer: CustomerId,
        browser: BrowserHash,
        expires_at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// Has no browser known to the customer any more.
    async fn forget_all(&self, customer: CustomerId) -> Result<(), StoreError>;

    /// Whether the browser is known to the customer at `now`.
    async fn knows(&self, customer: CustomerId, browser: BrowserHash, now: OffsetDateTime) -> Result<bool, StoreError>;
}

/// What is being limited, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitKey {
    /// Sign-ups from an address (IPv6: its /64).
    SignUpFrom(IpAddr),
    /// Failed logins from an address (IPv6: its /64).
    LogInFrom(IpAddr),
    /// Failed logins to an account, whether it exists or not.
    LogInTo(EmailAddress),
    /// Failed logins to an account by one browser that its customer knows.
    LogInBy(EmailAddress, BrowserHash),
    /// Links to choose a new password, asked for from an address (IPv6: its /64).
    ResetFrom(IpAddr),
    /// Links to choose a new password, for an account, whether it exists or not.
    ResetOf(EmailAddress),
    /// Links to verify an address, asked for anew from an address (IPv6: its /64).
    VerificationFrom(IpAddr),
    /// Links to verify an address, whether it has an account or not.
    VerificationOf(EmailAddress),
    /// Codes that were typed to verify an address, whether it has an account or not.
    CodeOf(EmailAddress),
    /// Mails that tell an account of logins on new devices.
    NoticeOf(CustomerId),
    /// Refused refresh tokens from an address (IPv6: its /64).
    RefreshFrom(IpAddr),
    /// Refreshes of one session.
    RefreshOf(SessionKey),
}

impl LimitKey {
    /// What is limited, for whomever.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SignUpFrom(_) => "sign_up_from",
            Self::LogInFrom(_) => "log_in_from",
            Self::LogInTo(_) => "log_in_to",
            Self::LogInBy(..) => "log_in_by",
            Self::ResetFrom(_) => "reset_from",
            Self::ResetOf(_) => "reset_of",
            Self::VerificationFrom(_) => "verification_from",
            Self::VerificationOf(_) => "verification_of",
            Self::CodeOf(_) => "code_of",
            Self::NoticeOf(_) => "notice_of",
            Self::RefreshFrom(_) => "refresh_from",
            Self::RefreshOf(_) => "refresh_of",
        }
    }
}

/// How many attempts a window allows, and how far apart. The window starts with its first attempt.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub window: Duration,
    /// By rising numbers of attempts. After the last, nothing is allowed until the window ends.
    pub steps: &'static [Step],
}

/// How far the next attempt has to be from the one before it.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// As long as fewer attempts than this have been counted.
    pub below: u32,
    pub delay: Duration,
}

/// Whoever would have to wait no longer than this may wait for their turn; all others are refused.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// What became of a wish to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// Try, once this much time has passed; the attempt has been counted.
    Granted { wait: Duration },
    /// Not before this much time has passed. Nothing was counted.
    Refused { retry_after: Duration },
}

/// Counts attempts, across all instances of the program.
#[async_trait]
pub trait AttemptLimits: Send + Sync {
    /// Counts one attempt, in one atomic step, unless it comes too early or the window is used up.
    async fn reserve(&self, key: &LimitKey, limit: Limit, now: OffsetDateTime) -> Result<Reservation, StoreError>;

    /// Takes one counted attempt back, because it turned out to be none. The window stays as it is; in the limit's
    /// first step, the next attempt has not to wait for this one either.
    async fn give_back(&self, key: &LimitKey, limit: Limit, now: OffsetDateTime) -> Result<(), StoreError>;
}

/// Why a password was neither hashed nor verified.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// More work is waiting than may wait.
    #[error("the queue of the password hasher is full")]
    Busy,
    #[error("the password hasher failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Whether a password is the one that was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, but hashed by an older scheme or cost: hash it anew while it is known.
    RightButOutdated,
}

/// Hashes passwords, away from the threads that answer requests, and never more than the machine can bear.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password that was chosen just now.
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherError>;

    /// Hashes a password anew that has just been verified.
    async fn rehash(&self, attempt: PasswordAttempt) -> Result<PasswordHash, HasherError>;

    /// Compares; with no hash to compare to, it costs the same and the answer is `Wrong` (ASVS 5.0, 6.3.8).
    async fn verify(&self, attempt: PasswordAttempt, hash: Option<PasswordHash>) -> Result<Verdict, HasherError>;
}

/// A key by which anybody can verify access tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Its name in the header of a token.
    pub id: String,
    /// An Ed25519 public key.
    pub key: [u8; 32],
}

/// Makes and reads access tokens.
pub trait AccessTokens: Send + Sync {
    /// A token that says `claims`, signed by the key that signs when it is issued.
    ///
    /// # Errors
    /// When it cannot be signed, which is a defect.
    fn mint(&self, claims: &AccessClaims) -> Result<Zeroizing<String>, Box<dyn std::error::Error + Send + Sync>>;

    /// What the token says, if it is one of ours, unaltered, and not over at `now`.
    fn verify(&self, token: &str, now: OffsetDateTime) -> Option<AccessClaims>;

    /// Takes these keys in the place of those it had.
    fn use_keys(&self, keys: &KeyRing);

    /// The keys by which tokens can be verified at `now`, those that will sign soon among them.
    fn published(&self, now: OffsetDateTime) -> Vec<PublicKey>;
}

/// Where signing keys are kept, sealed.
#[async_trait]
pub trait SigningKeys: Send + Sync {
    /// All keys, by their numbers.
    async fn list(&self) -> Result<Vec<SealedKey>, StoreError>;

    /// Adds a key, unless there is one of its number; says whether it did.
    async fn add(&self, key: &SealedKey) -> Result<bool, StoreError>;

    /// Removes the keys of these numbers.
    async fn remove(&self, numbers: &[u32]) -> Result<(), StoreError>;
}
