//! What reaches the world for the use cases: each module implements ports of `accounts::ports`, and nothing else in
//! the program knows the crates it uses. What several stores must agree on, so that one can stand in for another, is
//! in this file: how a time, a limit's name and a form's state are written down.

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
pub mod randomness;
mod recall;
pub mod redis;

use std::{error::Error, fmt::Write, time::Duration};

use sha2::{Digest, Sha256};
use time::{OffsetDateTime, error::ComponentRange};
use tower_sessions::session_store;

use crate::accounts::ports::{LimitKey, StoreError, TakenMail};

/// Milliseconds since 1970, in which every store keeps its times.
fn to_millis(time: OffsetDateTime) -> i64 {
    time.unix_timestamp() * 1000 + i64::from(time.millisecond())
}

fn from_millis(millis: i64) -> Result<OffsetDateTime, ComponentRange> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
}

fn duration_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// How long somebody waits who has to wait so many milliseconds: never longer than a whole window, whatever the clocks of
/// the instances say.
fn wait(millis: i64, window: Duration) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0)).min(window)
}

/// Why an entry of a timeline cannot be read.
fn unknown_event(name: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, format!("no event is called {name}"))
}

/// A mail that was taken, if it can be read. One that cannot is no reason to keep the others waiting.
fn readable(taken: Result<TakenMail, StoreError>) -> Option<TakenMail> {
    taken
        .inspect_err(|error| tracing::error!(error = error as &dyn Error, "a mail cannot be read, and is not sent"))
        .ok()
}

/// What a limit is called in a store. Whoever reads the store learns no address from it that they cannot guess.
fn limit_name(key: &LimitKey) -> String {
    let subject = match key {
        LimitKey::SignUpFrom(network)
        | LimitKey::LogInFrom(network)
        | LimitKey::ResetFrom(network)
        | LimitKey::VerificationFrom(network)
        | LimitKey::RefreshFrom(network) => network.to_string(),
        LimitKey::SignUpOf(email)
        | LimitKey::LogInTo(email)
        | LimitKey::ResetOf(email)
        | LimitKey::VerificationOf(email)
        | LimitKey::VerificationAfterLogIn(email)
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
        | LimitKey::CodeByCustomer(customer)
        | LimitKey::ProposalBy(customer)
        | LimitKey::NoticeOf(customer)
        | LimitKey::PasswordNoticeOf(customer) => customer.to_string(),
        LimitKey::CodeFor(customer, email) => format!("{customer} {email}"),
        LimitKey::ProofBy(session) | LimitKey::RefreshOf(session) => session.id.to_string(),
    };
    let kind = key.kind();
    // 128 bits of the digest are enough never to meet another's.
    Sha256::digest(subject)[..16].iter().fold(format!("{kind}:"), |mut name, byte| {
        // Writing to a string cannot fail.
        let _ = write!(name, "{byte:02x}");
        name
    })
}

/// Logs why the store failed with the state of a form: the library knows errors as text only, without their causes.
fn form_state_error(error: &StoreError) -> session_store::Error {
    tracing::warn!(error = error as &dyn Error, "the store failed with the state of a form");
    let text = error.to_string();
    match error {
        StoreError::Unavailable { .. } => session_store::Error::Backend(text),
        StoreError::Corrupt { .. } => session_store::Error::Decode(text),
    }
}
