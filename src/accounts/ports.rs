//! What the use cases need of the world, as traits. Adapters implement them; one suite of tests holds every adapter of
//! a port to the same promises (`tests/suite/stores`).

mod archive;
mod customers;
mod mail;

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::{
    AccessClaims, Activity, BrowserHash, KeyRing, Network, SealedKey, Session, SessionId, SessionKey, TicketHash,
    TokenHash,
};
use crate::domain::{CredentialEpoch, CustomerId, EmailAddress, Password, PasswordAttempt};

pub use archive::{
    Archive, Belonging, CustomerRecord, HeldCustomer, KnownBrowser, LeftOut, LeftOutReason, Page, Replacement,
    WaitingMail,
};
pub use customers::{
    Address, AddressError, Credentials, Customers, EmailChange, Notified, PasswordChange, PasswordHash, Reset,
    Securing, Standing, Verification, Verifying,
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
    /// The account's credential epoch, as far as this instance knows: a session of an earlier one is over.
    pub epoch: CredentialEpoch,
    /// The browser that sent the token, if it is one that signed in.
    pub browser: Option<BrowserHash>,
    /// The network that the token came from.
    pub network: Network,
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
    /// The token was used before, but its successor, which is the current token, was not: the answer may be lost. The
    /// successor may be handed out again, since the token was used less than the grace ago, or comes from the session's
    /// own browser in the network of its last use.
    Repeated { expires_at: OffsetDateTime },
    /// The token was used up earlier. Somebody holds a copy, so the session has been ended (RFC 9700, 4.14.2).
    Reused,
    /// There is no such session, or it has expired, or is of an earlier credential epoch; then it has been ended, and no
    /// clock that goes back revives it.
    Gone,
}

/// How many sessions a customer may have at once (ASVS 5.0, 7.1.2). A new session beyond that ends another one: first
/// those that have expired, then those that were never used since their creation, the oldest first, then the one whose
/// last use was longest ago. A flood of logins thus ends its own sessions, not those in use. A session was used if it was
/// seen after its creation (see [`Sessions::touch`]).
pub const MOST_SESSIONS: usize = 100;

/// How much of what happened a customer is shown: of the frequent kinds of events, and of the rare ones.
pub const MOST_ACTIVITIES: usize = 200;

/// Where sessions live. A session that is not there is over: absence always means no.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Adds a session, and ends others of the customer's where there are more than [`MOST_SESSIONS`].
    async fn create(&self, session: &Session) -> Result<(), StoreError>;

    /// The session, if it lives at `now`.
    async fn find(&self, key: SessionKey, now: OffsetDateTime) -> Result<Option<Session>, StoreError>;

    /// Whether the session lives at `now`; cheaper than [`Self::find`].
    async fn is_live(&self, key: SessionKey, now: OffsetDateTime) -> Result<bool, StoreError>;

    /// The customer's sessions that live at `now`, the one that was seen last first.
    async fn list(&self, customer: CustomerId, now: OffsetDateTime) -> Result<Vec<Session>, StoreError>;

    /// Notes that a request came by the session. What is over stays over, and time never runs back. The note is later than
    /// the creation of the session, even if `now` is not: it shows that the session was used.
    async fn touch(&self, key: SessionKey, now: OffsetDateTime) -> Result<(), StoreError>;

    /// Uses a refresh token, in one atomic step.
    async fn rotate(&self, rotation: &Rotation) -> Result<RotationOutcome, StoreError>;

    /// Ends the session, and says whether there was one; one that is over already is no error.
    async fn end(&self, key: SessionKey) -> Result<bool, StoreError>;

    /// Ends the customer's sessions of all epochs before `before`, except `kept`, in one atomic step, and says which they
    /// were.
    async fn end_others(
        &self,
        customer: CustomerId,
        kept: SessionId,
        before: CredentialEpoch,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Has the session go on in `epoch`, unless it is of a later one, or is over.
    async fn carry_over(&self, key: SessionKey, epoch: CredentialEpoch, browser: BrowserHash)
    -> Result<(), StoreError>;

    /// Whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Where it is kept what happened to accounts.
#[async_trait]
pub trait Timeline: Send + Sync {
    /// Adds what happened. Events of one [group](Activity::group) are summed in one entry.
    async fn record(&self, activity: &Activity) -> Result<(), StoreError>;

    /// Returns what happened to the account, as far as is kept at `now`, the latest first: the `most` latest of the
    /// [frequent](crate::domain::Event::is_frequent) kinds of events, and the `most` latest of the rare ones. However many
    /// logins there are, a changed password or address stays in the list.
    async fn activities(
        &self,
        customer: CustomerId,
        now: OffsetDateTime,
        most: usize,
    ) -> Result<Vec<Activity>, StoreError>;
}

/// Where it is kept by which browsers a customer signed in, as hashes.
#[async_trait]
pub trait Browsers: Send + Sync {
    /// Has a browser known to its customer.
    async fn remember(&self, known: &KnownBrowser) -> Result<(), StoreError>;

    /// Removes the customer's browsers of all epochs before `epoch`.
    async fn forget(&self, customer: CustomerId, before: CredentialEpoch) -> Result<(), StoreError>;

    /// Returns true if the browser is known at `now` to the customer, whose account is in `epoch`.
    async fn knows(
        &self,
        customer: CustomerId,
        epoch: CredentialEpoch,
        browser: BrowserHash,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError>;
}

/// What is being limited, and for whom. Networks are IPv4 addresses, or the /64 of an IPv6 address.
///
/// A budget belongs either to callers who are known (a session, a known browser, a pending sign-up) or to all others, never
/// to both: a stranger cannot use up what belongs to the owner of an account.
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
    /// Verification links requested by a customer who is signed in.
    VerificationByCustomer(CustomerId),
    /// Verification links sent because of a login with the right password.
    VerificationAfterLogIn(EmailAddress),
    /// Wrong codes typed in one browser that signed up.
    CodeByTicket(TicketHash),
    /// Wrong codes typed by a customer who is signed in, to verify their address.
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
    /// Mails that tell an account of logins on new devices.
    NoticeOf(CustomerId),
    /// Mails that tell an account of new passwords.
    PasswordNoticeOf(CustomerId),
    /// Refused refresh tokens from a network.
    RefreshFrom(IpAddr),
    /// Refreshes of one session.
    RefreshOf(SessionKey),
}

impl LimitKey {
    /// Returns what is limited, without for whom.
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
    /// The largest number of steps of a limit.
    pub const MOST_STEPS: usize = 4;

    /// A limit of one to [`Self::MOST_STEPS`] steps, by rising numbers of attempts. After the last, nothing is allowed until
    /// the window ends.
    ///
    /// # Panics
    /// At compile time, in a constant: with another number of steps.
    #[must_use]
    pub const fn new<const N: usize>(window: Duration, steps: [Step; N]) -> Self {
        const { assert!(N > 0 && N <= Self::MOST_STEPS) };
        // The last step repeated allows nothing that it does not allow once.
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

/// How far the next attempt has to be from the one before it.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// As long as fewer attempts than this have been counted.
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

/// An attempt that would have to wait no longer than this waits for its turn; all others are refused.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// The answer to a request for an attempt.
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
    /// Counts one attempt, in one atomic step, unless it comes too early or the window is used up. An attempt that was
    /// counted already is granted again and counted once.
    async fn reserve(
        &self,
        key: &LimitKey,
        limit: Limit,
        id: AttemptId,
        now: OffsetDateTime,
    ) -> Result<Reservation, StoreError>;

    /// How long until an attempt may be made, if it may not be made now. Reads, and counts nothing.
    async fn retry_after(
        &self,
        key: &LimitKey,
        limit: Limit,
        now: OffsetDateTime,
    ) -> Result<Option<Duration>, StoreError>;

    /// Takes one counted attempt back, in one atomic step; one that was not counted, or was taken back already, changes
    /// nothing. The window stays as it is, unless nothing is left in it. The next attempt has to wait for the one before, as if this one had never been
    /// made, and for none as long as the limit is in its first step.
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
