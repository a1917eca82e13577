//! What use cases are given.

use std::{ops::Deref, sync::Arc, time::Duration};

use crate::accounts::{
    core::{background::Background, browser::BrowserCookies, limits::Limits, link_token::LinkTokens},
    lifecycle::pending_signup::PendingSignupCookies,
    ports::{AccessTokens, Browsers, Clock, Customers, Outbox, PasswordHasher, Randomness, Sessions, Timeline},
    sessions::{last_seen::LastSeen, refresh_token::RefreshTokens},
};

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

/// What the use cases of customers and those of operators share.
#[derive(Clone)]
pub struct Core {
    pub clock: Arc<dyn Clock>,
    pub randomness: Arc<dyn Randomness>,
    pub customers: Arc<dyn Customers>,
    pub sessions: Arc<dyn Sessions>,
    pub timeline: Arc<dyn Timeline>,
    pub browsers: Arc<dyn Browsers>,
    pub hasher: Arc<dyn PasswordHasher>,
    /// How long timeline entries are kept.
    pub retention: Duration,
    /// The name of the shop. Passwords must not be based on it.
    pub shop: String,
}

/// All use cases of customers, with the ports that they use. The program has one instance.
pub struct Accounts {
    pub core: Core,
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
}

impl Deref for Accounts {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.core
    }
}
