//! The ports: what the use cases need from the outside world, as traits. Adapters implement them, and one test suite
//! checks all adapters of a port (`tests/suite/stores`).

mod archive;
mod customers;
mod mail;

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    accounts::{
        core::{browser::BrowserHash, network::Network, timeline::Activity},
        lifecycle::pending_signup::TicketHash,
        sessions::{
            refresh_token::TokenHash,
            session::{AccessClaims, Session, SessionId, SessionKey},
            signing_key::{KeyRing, SealedKey},
        },
    },
    domain::{CredentialEpoch, CustomerId, EmailAddress, Password, PasswordAttempt},
};

pub use archive::{
    Archive, Belonging, CustomerRecord, HeldCustomer, KnownBrowser, LeftOut, LeftOutReason, Page, Replacement,
    WaitingMail,
};
pub use customers::{
    Address, AddressError, Credentials, Customers, EmailChange, Notified, PasswordChange, PasswordHash, Reset,
    Securing, Standing, Verification, Verifying,
};
pub use mail::{Lease, MailRenderer, Mailer, MailerError, Outbox, TakenMail, WrittenMail};

/// The system clock.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Returns the current time in UTC, to the millisecond: no store keeps more.
    fn now(&self) -> OffsetDateTime;

    /// Waits for this duration.
    async fn wait(&self, time: Duration);
}

/// The system's random generator.
pub trait Randomness: Send + Sync {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// Why a store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not answer, or not in time. A retry may succeed.
    #[error("{store} does not answer")]
    Unavailable { store: StoreName, source: Box<dyn std::error::Error + Send + Sync> },
    /// It returned something other than what was written.
    #[error("{store} holds a record that cannot be read: {record}")]
    Corrupt { store: StoreName, record: String, source: Box<dyn std::error::Error + Send + Sync> },
}

/// A store, by the name that operators know.
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

/// The maximum number of timeline entries that a customer sees: of the frequent kinds of events, and again of the rare
/// ones.
pub const MOST_ACTIVITIES: usize = 200;

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

/// Stores the events of accounts.
#[async_trait]
pub trait Timeline: Send + Sync {
    /// Adds an event. Events of one [group](Activity::group) are summed in one entry.
    async fn record(&self, activity: &Activity) -> Result<(), StoreError>;

    /// Returns the events of the account that are kept at `now`, latest first: the `most` latest of the
    /// [frequent](crate::domain::Event::is_frequent) kinds, and the `most` latest of the rare ones. So a changed
    /// password or address stays in the list, however many logins there are.
    async fn activities(
        &self,
        customer: CustomerId,
        now: OffsetDateTime,
        most: usize,
    ) -> Result<Vec<Activity>, StoreError>;
}

/// Stores the browsers in which customers signed in, as hashes.
#[async_trait]
pub trait Browsers: Send + Sync {
    /// Makes a browser known to its customer.
    async fn remember(&self, known: &KnownBrowser) -> Result<(), StoreError>;

    /// Removes the customer's browsers of all epochs before `before`.
    async fn forget(&self, customer: CustomerId, before: CredentialEpoch) -> Result<(), StoreError>;

    /// Removes one browser of the customer, if it is known.
    async fn forget_one(&self, customer: CustomerId, browser: BrowserHash) -> Result<(), StoreError>;

    /// Returns true if the browser is known at `now` to the customer, whose account is in `epoch`.
    async fn knows(
        &self,
        customer: CustomerId,
        epoch: CredentialEpoch,
        browser: BrowserHash,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError>;
}

/// What is limited, and for which caller or account. Networks are IPv4 addresses, or the /64 of an IPv6 address.
///
/// A budget belongs either to known callers (a session, a known browser, a pending sign-up) or to all others, never to
/// both: a stranger cannot use up what belongs to the owner of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitKey {
    /// Sign-ups from a network.
    SignUpFrom(IpAddr),
    /// Sign-ups with an address, by browsers that have not signed up with it before.
    SignUpOf(EmailAddress),
    /// Sign-ups with an address from one network, by browsers that have not signed up with it before.
    SignUpOfFrom(EmailAddress, IpAddr),
    /// Mails for sign-ups with an address, by browsers that have not signed up with it before.
    SignUpMailOf(EmailAddress),
    /// Failed logins from a network, by browsers that are not known to the account.
    LogInFrom(IpAddr),
    /// Failed logins to an account, by browsers that are not known to it, whether it exists or not.
    LogInTo(EmailAddress),
    /// Failed logins to an account by one browser that is known to it.
    LogInBy(EmailAddress, BrowserHash),
    /// Failed password confirmations in one session.
    ProofBy(SessionKey),
    /// Reset links requested from a network, by browsers that are not known to the account.
    ResetFrom(IpAddr),
    /// Reset links for an account requested from one network, by browsers that are not known to the account.
    ResetOfFrom(EmailAddress, IpAddr),
    /// Reset links for an account, by all browsers that are not known to it, whether it exists or not.
    ResetOf(EmailAddress),
    /// Reset links for an account, by one browser that is known to it.
    ResetBy(EmailAddress, BrowserHash),
    /// Verification links requested from a network, by callers that are not known to the account.
    VerificationFrom(IpAddr),
    /// Verification links for an address requested from one network, by callers that are not known to the account.
    VerificationOfFrom(EmailAddress, IpAddr),
    /// Verification links for an address, by all callers that are not known to the account, whether it exists or not.
    VerificationOf(EmailAddress),
    /// Verification links for an address, by one browser that is known to the account.
    VerificationBy(EmailAddress, BrowserHash),
    /// Mails to verify an address, for one browser that signed up with it.
    VerificationByTicket(TicketHash),
    /// Mails to verify an address, for all browsers of one network that signed up with it.
    VerificationByTicketsFrom(EmailAddress, IpAddr),
    /// The first requested mail to verify an address, of every browser that signed up with it.
    FirstVerificationByTickets(EmailAddress),
    /// Later requested mails to verify an address, for all browsers that signed up with it.
    VerificationByTickets(EmailAddress),
    /// Verification links requested by a signed-in customer.
    VerificationByCustomer(CustomerId),
    /// Verification links sent because of a login with the right password.
    VerificationAfterLogIn(EmailAddress),
    /// Wrong codes typed in one browser that signed up.
    CodeByTicket(TicketHash),
    /// Wrong codes typed by a signed-in customer, to verify their address.
    VerificationCodeBy(CustomerId),
    /// Wrong codes typed by a customer to complete address changes.
    ChangeCodeBy(CustomerId),
    /// Wrong codes typed by a customer to complete a change to one address.
    ChangeCodeFor(CustomerId, EmailAddress),
    /// Address changes proposed by a customer.
    ProposalBy(CustomerId),
    /// Address changes to one address, proposed by one customer.
    ProposalByTo(CustomerId, EmailAddress),
    /// Address changes to one address, proposed by any customer who proposed it before.
    ProposalTo(EmailAddress),
    /// Sign-outs of all other devices of a customer.
    RevokeOf(CustomerId),
    /// Address changes proposed from a network.
    ProposalFrom(IpAddr),
    /// Mails that notify an account of logins on new devices.
    NoticeOf(CustomerId),
    /// Mails that notify an account of new passwords.
    PasswordNoticeOf(CustomerId),
    /// Refused refresh tokens from a network.
    RefreshFrom(IpAddr),
    /// Refreshes of one session.
    RefreshOf(SessionKey),
}

impl LimitKey {
    /// Returns what is limited, without the caller or account.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SignUpFrom(_) => "sign_up_from",
            Self::SignUpOf(_) => "sign_up_of",
            Self::SignUpOfFrom(..) => "sign_up_of_from",
            Self::SignUpMailOf(_) => "sign_up_mail_of",
            Self::LogInFrom(_) => "log_in_from",
            Self::LogInTo(_) => "log_in_to",
            Self::LogInBy(..) => "log_in_by",
            Self::ProofBy(_) => "proof_by",
            Self::ResetFrom(_) => "reset_from",
            Self::ResetOfFrom(..) => "reset_of_from",
            Self::ResetOf(_) => "reset_of",
            Self::ResetBy(..) => "reset_by",
            Self::VerificationFrom(_) => "verification_from",
            Self::VerificationOfFrom(..) => "verification_of_from",
            Self::VerificationOf(_) => "verification_of",
            Self::VerificationBy(..) => "verification_by",
            Self::VerificationByTicket(_) => "verification_by_ticket",
            Self::VerificationByTicketsFrom(..) => "verification_by_tickets_from",
            Self::FirstVerificationByTickets(_) => "first_verification_by_tickets",
            Self::VerificationByTickets(_) => "verification_by_tickets",
            Self::VerificationByCustomer(_) => "verification_by_customer",
            Self::VerificationAfterLogIn(_) => "verification_after_log_in",
            Self::CodeByTicket(_) => "code_by_ticket",
            Self::VerificationCodeBy(_) => "verification_code_by",
            Self::ChangeCodeBy(_) => "change_code_by",
            Self::ChangeCodeFor(..) => "change_code_for",
            Self::ProposalBy(_) => "proposal_by",
            Self::ProposalByTo(..) => "proposal_by_to",
            Self::ProposalTo(_) => "proposal_to",
            Self::RevokeOf(_) => "revoke_of",
            Self::ProposalFrom(_) => "proposal_from",
            Self::NoticeOf(_) => "notice_of",
            Self::PasswordNoticeOf(_) => "password_notice_of",
            Self::RefreshFrom(_) => "refresh_from",
            Self::RefreshOf(_) => "refresh_of",
        }
    }
}

/// How many attempts a window allows, and how far apart. The window starts with its first attempt.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub window: Duration,
    steps: [Step; Self::MOST_STEPS],
}

impl Limit {
    /// The maximum number of steps of a limit.
    pub const MOST_STEPS: usize = 4;

    /// Returns a limit with 1 to [`Self::MOST_STEPS`] steps, by rising numbers of attempts. After the last step,
    /// nothing is allowed until the window ends.
    ///
    /// # Panics
    /// At compile time, with another number of steps.
    #[must_use]
    pub const fn new<const N: usize>(window: Duration, steps: [Step; N]) -> Self {
        const { assert!(N > 0 && N <= Self::MOST_STEPS) };
        // Repeating the last step allows nothing more.
        let mut all = [steps[N - 1]; Self::MOST_STEPS];
        let mut index = 0;
        while index < N {
            all[index] = steps[index];
            index += 1;
        }
        Self { window, steps: all }
    }

    /// Returns the steps, by rising numbers of attempts.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

/// The minimum time between an attempt and the one before it.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The step applies while fewer attempts than this have been counted.
    pub below: u32,
    pub delay: Duration,
}

/// Identifies one attempt: 128 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptId([u8; 16]);

impl AttemptId {
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

/// The maximum time that an attempt waits for its turn. An attempt that would have to wait longer is refused.
pub const TIMEOUT: Duration = Duration::from_secs(1);

/// The response to a request for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// The attempt has been counted. It may be made after this time.
    Granted { wait: Duration },
    /// Nothing was counted. An attempt may be made after this time.
    Refused { retry_after: Duration },
}

/// Counts attempts, across all instances of the program.
#[async_trait]
pub trait AttemptLimits: Send + Sync {
    /// Counts one attempt, in one atomic step, unless it comes too early or the window is used up. An attempt that was
    /// already counted is granted again, but counted once.
    async fn reserve(
        &self,
        key: &LimitKey,
        limit: Limit,
        id: AttemptId,
        now: OffsetDateTime,
    ) -> Result<Reservation, StoreError>;

    /// Returns the time until an attempt may be made, or `None` if it may be made now. Counts nothing.
    async fn retry_after(
        &self,
        key: &LimitKey,
        limit: Limit,
        now: OffsetDateTime,
    ) -> Result<Option<Duration>, StoreError>;

    /// Takes one counted attempt back, in one atomic step. An attempt that was not counted, or was already taken back,
    /// changes nothing. The window stays as it is, unless nothing is left in it. The next attempt has to wait for the
    /// one before, as if this one had never been made, and for none while the limit is in its first step.
    async fn give_back(
        &self,
        key: &LimitKey,
        limit: Limit,
        id: AttemptId,
        now: OffsetDateTime,
    ) -> Result<(), StoreError>;
}

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

/// A key with which anyone can verify access tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Its id in the header of a token.
    pub id: String,
    /// An Ed25519 public key.
    pub key: [u8; 32],
}

/// Signs and verifies access tokens.
pub trait AccessTokens: Send + Sync {
    /// Returns a token with these claims, signed by the key that signs when it is issued.
    ///
    /// # Errors
    /// If it cannot be signed, which is a bug.
    fn mint(&self, claims: &AccessClaims) -> Result<Zeroizing<String>, Box<dyn std::error::Error + Send + Sync>>;

    /// Returns the claims of the token if this system signed it, it is unaltered, and it has not expired at `now`.
    fn verify(&self, token: &str, now: OffsetDateTime) -> Option<AccessClaims>;

    /// Replaces the keys.
    fn use_keys(&self, keys: &KeyRing);

    /// Returns the keys with which tokens can be verified at `now`, including those that will sign soon.
    fn published(&self, now: OffsetDateTime) -> Vec<PublicKey>;
}

/// Stores sealed signing keys.
#[async_trait]
pub trait SigningKeys: Send + Sync {
    /// Returns all keys, ordered by number.
    async fn list(&self) -> Result<Vec<SealedKey>, StoreError>;

    /// Adds a key, unless there is one with its number. Returns true if it was added.
    async fn add(&self, key: &SealedKey) -> Result<bool, StoreError>;

    /// Removes the keys with these numbers.
    async fn remove(&self, numbers: &[u32]) -> Result<(), StoreError>;
}
