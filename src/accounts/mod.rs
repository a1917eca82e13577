//! The use cases of accounts, one per file, and the ports through which they use the outside world.
//!
//! Nothing here depends on HTTP, a database, the system clock or a random generator. All of these are passed in (see
//! [`ports`]), so that tests can check every rule without sleeping or chance.

mod addresses;
mod core;
mod lifecycle;
mod mail;
mod passwords;
pub mod ports;
mod profile;
mod sessions;

pub use self::addresses::{
    change_email::{ChangeLink, ChangeProof, ProposedEmail},
    former_emails::{FormerEmail, FormerEmails},
    secure_account::NoticeLink,
    verify_email::{EmailProof, LinkView, Verified},
};
pub use self::core::{
    accounts::{Accounts, Core, Lifetimes},
    background::Background,
    browser::{BrowserCookie, BrowserCookies, BrowserHash, BrowserId, Caller},
    budgets::counted_network,
    derived_keys::DerivedKeys,
    error::Error,
    limits::Limits,
    link_token::{Code, LinkHash, LinkId, LinkPurpose, LinkTokens, ShownToken},
    network::Network,
    timeline::Activity,
    timestamp::timestamp,
};
pub use self::lifecycle::{
    abandoned::AbandonedAccounts,
    archive::{ArchiveError, Archivist, Exported, Imported},
    back_office::{BackOffice, Whom},
    pending_signup::{PendingSignup, PendingSignupCookie, PendingSignupCookies, TicketHash},
    sign_up::SignedUp,
};
pub use self::mail::{
    dev_mailbox::DevMailbox,
    mail_worker::MailWorker,
    message::{Mail, MailId, MailKind},
};
pub use self::sessions::{
    authenticate::Authentication,
    last_seen::LastSeen,
    refresh_token::{RefreshToken, RefreshTokens, TokenHash},
    rotate_keys::{Handover, Keys},
    session::{AccessClaims, Client, Device, Identity, Session, SessionId, SessionKey, Tokens},
    signing_key::{KeyRing, KeySeal, KeyState, SealedKey, SigningKey},
};
