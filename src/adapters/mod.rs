//! The adapters: each module implements ports of `accounts::ports`, and encapsulates the crates that it uses. This file
//! has the formats that all stores share, so that data can be moved between them: times, the names of limits, and the
//! state of forms.

pub mod access_tokens;
pub mod clock;
mod counted;
mod ed25519;
pub mod embedded;
pub mod hasher;
pub mod mail;
pub mod measured;
pub mod mongo;
pub mod new_file;
pub mod open_files;
pub mod ownership;
pub mod randomness;
mod recall;
pub mod redis;
mod trials;

use std::{error::Error, fmt::Write, io, path::Path, time::Duration};

use sha2::{Digest, Sha256};
use time::{OffsetDateTime, error::ComponentRange};
use tower_sessions::session_store;

use crate::accounts::ports::{LimitKey, StoreError, TakenMail};

/// Returns the error with the file that it is about.
#[must_use]
pub fn named(file: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", file.display()))
}

/// Returns milliseconds since 1970, the format of times in every store.
fn to_millis(time: OffsetDateTime) -> i64 {
    time.unix_timestamp() * 1000 + i64::from(time.millisecond())
}

fn from_millis(millis: i64) -> Result<OffsetDateTime, ComponentRange> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
}

fn duration_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Returns how long a caller has to wait for `millis` milliseconds: never longer than a whole window, even if the
/// clocks of the instances differ.
fn wait(millis: i64, window: Duration) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0)).min(window)
}

/// Returns the error for an unknown kind of event.
fn unknown_event(name: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("unknown event {name}"))
}

/// Returns a mail that was taken, if it can be read. An unreadable one must not block the others.
fn readable(taken: Result<TakenMail, StoreError>) -> Option<TakenMail> {
    taken
        .inspect_err(|error| tracing::error!(error = error as &dyn Error, "mail not sent: its record cannot be read"))
        .ok()
}

/// Returns the name of a limit in a store. Addresses are hashed, so a reader of the store can only verify a guess.
fn limit_name(key: &LimitKey) -> String {
    let subject = match key {
        LimitKey::SignUpFrom(network)
        | LimitKey::LogInFrom(network)
        | LimitKey::ResetFrom(network)
        | LimitKey::VerificationFrom(network)
        | LimitKey::ProposalFrom(network)
        | LimitKey::RefreshFrom(network) => network.to_string(),
        LimitKey::SignUpOf(email)
        | LimitKey::SignUpMailOf(email)
        | LimitKey::LogInTo(email)
        | LimitKey::ResetOf(email)
        | LimitKey::VerificationOf(email)
        | LimitKey::FirstVerificationByTickets(email)
        | LimitKey::VerificationByTickets(email)
        | LimitKey::VerificationAfterLogIn(email)
        | LimitKey::VerificationCodeOf(email)
        | LimitKey::ChangeCodeOf(email)
        | LimitKey::ProposalTo(email) => email.to_string(),
        LimitKey::SignUpOfFrom(email, network)
        | LimitKey::ResetOfFrom(email, network)
        | LimitKey::VerificationOfFrom(email, network)
        | LimitKey::VerificationByTicketsFrom(email, network) => format!("{email} {network}"),
        LimitKey::LogInBy(email, browser)
        | LimitKey::ResetBy(email, browser)
        | LimitKey::VerificationBy(email, browser) => {
            format!("{email} {:?}", browser.to_bytes())
        }
        LimitKey::VerificationByTicket(ticket) | LimitKey::CodeByTicket(ticket) => format!("{:?}", ticket.to_bytes()),
        LimitKey::VerificationByCustomer(customer)
        | LimitKey::VerificationCodeBy(customer)
        | LimitKey::ChangeCodeBy(customer)
        | LimitKey::ProposalBy(customer)
        | LimitKey::RevokeOf(customer)
        | LimitKey::RevokeOneOf(customer)
        | LimitKey::NoticeOf(customer)
        | LimitKey::ProposalNoticeOf(customer)
        | LimitKey::PasswordNoticeOf(customer) => customer.to_string(),
        LimitKey::ChangeCodeFor(customer, email)
        | LimitKey::ProposalByTo(customer, email)
        | LimitKey::LinkOf(customer, email) => {
            format!("{customer} {email}")
        }
        LimitKey::ProofBy(session) | LimitKey::RefreshOf(session) => session.id.to_string(),
    };
    let kind = key.kind();
    // 128 bits of the digest are enough to avoid collisions.
    Sha256::digest(subject)[..16].iter().fold(format!("{kind}:"), |mut name, byte| {
        // Writing to a string cannot fail.
        let _ = write!(name, "{byte:02x}");
        name
    })
}

/// Logs the cause of a failure, since the library's error keeps only its text.
fn form_state_error(error: &StoreError) -> session_store::Error {
    tracing::warn!(error = error as &dyn Error, "form state failed: the store returned an error");
    let text = error.to_string();
    match error {
        StoreError::Unavailable { .. } | StoreError::Refused { .. } => session_store::Error::Backend(text),
        StoreError::Corrupt { .. } => session_store::Error::Decode(text),
    }
}
