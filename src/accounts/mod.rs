//! The use cases of accounts, one per file, and the ports through which they use the outside world.
//!
//! Nothing here depends on HTTP, a database, the system clock or a random generator. All of these are passed in (see
//! [`ports`]), so that tests can check every rule without sleeping or chance.

mod abandoned;
mod archive;
mod authenticate;
mod back_office;
mod background;
mod browser;
mod budgets;
mod calendar;
mod change_email;
mod change_password;
mod choose_language;
mod chosen_password;
mod common_passwords;
mod confirm;
mod credential_event;
mod derived_keys;
mod dev_mailbox;
mod devices;
mod error;
mod former_emails;
mod last_seen;
mod limits;
mod link_token;
mod log_in;
mod log_out;
mod mail;
mod mail_worker;
mod network;
mod pending_signup;
pub mod ports;
mod profile;
mod refresh;
mod refresh_token;
mod repetition;
mod reset_password;
mod rotate_keys;
mod secure_account;
mod session;
mod sign_up;
mod signed;
mod signing_key;
mod timeline;
mod timestamp;
mod verify_email;
mod verify_password;
mod weak_patterns;

use std::{sync::Arc, time::Duration};

use ports::{AccessTokens, Browsers, Clock, Customers, Outbox, PasswordHasher, Randomness, Sessions, Timeline};

pub use abandoned::AbandonedAccounts;
pub use archive::{ArchiveError, Archivist, Exported, Imported};
pub use authenticate::Authentication;
pub use back_office::{BackOffice, Whom};
pub use background::Background;
pub use browser::{BrowserCookie, BrowserCookies, BrowserHash, BrowserId, Caller};
pub use budgets::counted_network;
pub use change_email::{ChangeLink, ChangeProof};
pub use derived_keys::DerivedKeys;
pub use dev_mailbox::DevMailbox;
pub use error::Error;
pub use former_emails::{FormerEmail, FormerEmails};
pub use last_seen::LastSeen;
pub use limits::Limits;
pub use link_token::{Code, LinkHash, LinkId, LinkPurpose, LinkTokens, ShownToken};
pub use mail::{Mail, MailId, MailKind};
pub use mail_worker::MailWorker;
pub use network::Network;
pub use pending_signup::{PendingSignup, PendingSignupCookie, PendingSignupCookies, TicketHash};
pub use refresh_token::{RefreshToken, RefreshTokens, TokenHash};
pub use rotate_keys::{Handover, Keys};
pub use session::{AccessClaims, Client, Device, Identity, Session, SessionId, SessionKey, Tokens};
pub use sign_up::SignedUp;
pub use signing_key::{KeyRing, KeySeal, KeyState, SealedKey, SigningKey};
pub use timeline::Activity;
pub use timestamp::timestamp;
pub use verify_email::{EmailProof, LinkView, Verified};

/// The durations that a shop can configure.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// The lifetime of an access token.
    pub access_token: Duration,
    /// How long a session lasts without being used.
    pub session_idle: Duration,
    /// How long a session lasts at most, even if it is used.
    pub session_absolute: Duration,
    /// How long a used refresh token is still answered with its successor.
    pub refresh_grace: Duration,
    /// How long timeline entries are kept.
    pub activity: Duration,
}

/// All use cases, with the ports that they use. The program has one instance.
pub struct Accounts {
    pub clock: Arc<dyn Clock>,
    pub randomness: Arc<dyn Randomness>,
    pub customers: Arc<dyn Customers>,
    pub sessions: Arc<dyn Sessions>,
    pub timeline: Arc<dyn Timeline>,
    pub browsers: Arc<dyn Browsers>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub access_tokens: Arc<dyn AccessTokens>,
    pub refresh_tokens: RefreshTokens,
    pub browser_cookies: BrowserCookies,
    pub pending_signup_cookies: PendingSignupCookies,
    pub link_tokens: LinkTokens,
    /// `None` if the shop sends no mail.
    pub outbox: Option<Arc<dyn Outbox>>,
    /// True if an account cannot be used before its address is verified.
    pub requires_verified_email: bool,
    /// `None` if the shop has disabled limits.
    pub limits: Option<Arc<Limits>>,
    /// Limits notices, even if attempts are not limited, so that no customer is flooded with mail.
    pub notice_limits: Arc<Limits>,
    pub last_seen: LastSeen,
    /// Work that continues after the response.
    pub background: Background,
    pub lifetimes: Lifetimes,
    /// The name of the shop. Passwords must not be based on it.
    pub shop: String,
}
