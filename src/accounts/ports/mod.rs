//! The ports: what the use cases need from the outside world, as traits, one per file. Adapters implement them, and one
//! test suite checks all adapters of a port (`tests/suite/stores`).

mod access_tokens;
mod archive;
mod attempt_limits;
mod browsers;
mod customers;
mod mail;
mod password_hasher;
mod sessions;
mod signing_keys;
mod store_error;
mod system;
mod timeline;

pub use access_tokens::{AccessTokens, PublicKey};
pub use archive::{
    Archive, Belonging, CustomerRecord, HeldCustomer, KnownBrowser, LeftOut, LeftOutReason, Page, Replacement,
    WaitingMail,
};
pub use attempt_limits::{AttemptId, AttemptLimits, Limit, LimitKey, Reservation, Step, TIMEOUT};
pub use browsers::Browsers;
pub use customers::{
    Address, AddressError, Credentials, Customers, EmailChange, Notified, PasswordChange, PasswordHash, Reset,
    Securing, Standing, Verification, Verifying,
};
pub use mail::{LONGEST_PAUSE, Lease, MailRenderer, Mailer, MailerError, Outbox, TakenMail, WrittenMail};
pub use password_hasher::{HasherError, PasswordHasher, Verdict};
pub use sessions::{CLOCK_SKEW, MOST_SESSIONS, Rotation, RotationOutcome, Sessions};
pub use signing_keys::SigningKeys;
pub use store_error::{StoreError, StoreName};
pub use system::{Clock, Randomness};
pub use timeline::{MOST_ACTIVITIES, Timeline};
