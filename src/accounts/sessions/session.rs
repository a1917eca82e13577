//! Sessions: devices on which customers are signed in, and the tokens of a session.

use std::{fmt, net::IpAddr, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    accounts::{
        core::{
            accounts::Accounts,
            browser::{BrowserCookie, BrowserHash, BrowserId, Caller},
            error::Error,
        },
        sessions::refresh_token::{RefreshToken, TokenHash},
    },
    domain::{CredentialEpoch, Customer, CustomerId, Language, Role},
};

/// A session's id: 128 random bits. It is not a secret, and grants no access.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId([u8; 16]);

impl SessionId {
    /// An id that no session has: the ids of sessions are random.
    pub(in crate::accounts) const NONE: Self = Self([0; 16]);

    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// Parses the 22 characters of [`fmt::Display`]. Returns `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({self})")
    }
}

/// Identifies a session in a store. Stores keep everything of one customer together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionKey {
    pub customer: CustomerId,
    pub id: SessionId,
}

/// The browser and the system of a device, by which the customer recognises it: `Firefox` on `Linux`. Empty if unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub browser: String,
    /// The operating system, or the kind of device if that says more: `iPad`.
    pub system: String,
}

/// The client of a request, as far as a connection tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub address: IpAddr,
    pub device: Device,
    /// The language that it requested, if it is supported. Sessions and timelines do not keep it.
    #[serde(default)]
    pub language: Option<Language>,
}

/// A session as it is stored. It contains only hashes of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub key: SessionKey,
    /// The hash of the current refresh token.
    pub token: TokenHash,
    pub created_at: OffsetDateTime,
    /// When the customer last proved their identity. Rotation never changes it.
    pub authenticated_at: OffsetDateTime,
    /// When a refresh token was last used.
    pub last_used_at: OffsetDateTime,
    /// When a request last used this session, to the minute, but never before [`Self::last_used_at`]. Later than
    /// [`Self::created_at`] if and only if the session was used since its creation.
    pub last_seen_at: OffsetDateTime,
    /// When the session ends if it is not used again, but never after [`Self::ends_at`].
    pub expires_at: OffsetDateTime,
    /// When it ends in any case. Rotation never changes it (ASVS 5.0, 7.3.2).
    pub ends_at: OffsetDateTime,
    /// The account's credential epoch in which the customer proved their identity. The session ends once there is a
    /// later one.
    pub epoch: CredentialEpoch,
    /// The browser that signed in. `None` for a session that was started before this was stored.
    pub browser: Option<BrowserHash>,
    pub client: Client,
}

/// The session and the role of a signed-in customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub session: SessionKey,
    pub role: Role,
}

/// The claims of an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    pub identity: Identity,
    pub issued_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// The tokens of a session, for the customer's cookies.
#[derive(Debug)]
pub struct Tokens {
    pub access: Zeroizing<String>,
    pub access_max_age: Duration,
    pub refresh: RefreshToken,
    pub refresh_max_age: Duration,
    /// Set for a browser that has just signed in.
    pub browser: Option<BrowserCookie>,
}

impl Accounts {
    /// Starts a session with a new id for a customer who proved their identity at `authenticated_at` (ASVS 5.0, 7.2.4).
    ///
    /// # Errors
    /// `Unauthenticated` if a credential event has happened since the customer was read, or an error if a store does
    /// not answer.
    pub(in crate::accounts) async fn start_session(
        &self,
        customer: &Customer,
        caller: &Caller,
        authenticated_at: OffsetDateTime,
    ) -> Result<Tokens, Error> {
        let tokens = self.create_session(customer, caller, authenticated_at).await?;
        self.end_unless_current(customer, tokens.refresh.session()).await?;
        Ok(tokens)
    }

    /// Creates a session in the epoch of `customer`, even if it is not the account's current one. A session of a later
    /// epoch than the account's grants no access until that epoch starts.
    pub(in crate::accounts) async fn create_session(
        &self,
        customer: &Customer,
        caller: &Caller,
        authenticated_at: OffsetDateTime,
    ) -> Result<Tokens, Error> {
        let mut id = [0; 16];
        self.randomness.fill(&mut id);
        let key = SessionKey { customer: customer.id, id: SessionId::from_bytes(id) };
        let now = self.clock.now();
        let refresh = self.refresh_tokens.first(key);
        let browser = caller.browser.unwrap_or_else(|| BrowserId::draw(&*self.randomness));
        let ends_at = now + self.lifetimes.session_absolute;
        let session = Session {
            key,
            token: refresh.hash(),
            created_at: now,
            authenticated_at,
            last_used_at: now,
            last_seen_at: now,
            expires_at: ends_at.min(now + self.lifetimes.session_idle),
            ends_at,
            epoch: customer.epoch,
            browser: Some(browser.hash()),
            client: caller.client.clone(),
        };
        self.note_sightings_of(customer.id).await;
        self.sessions.create(&session).await?;
        let tokens = self.tokens(Identity { session: key, role: customer.role }, refresh, session.expires_at)?;
        Ok(Tokens { browser: Some(self.browser_cookie(browser)), ..tokens })
    }

    /// Ends a new session if a credential event has happened since the customer was read. The event ends only the
    /// sessions that it finds, and verifying a password takes a while. The customer is read by address, which no store
    /// caches.
    async fn end_unless_current(&self, customer: &Customer, key: SessionKey) -> Result<(), Error> {
        let found = self.customers.find_by_email(&customer.email).await?;
        let is_current =
            found.is_some_and(|found| found.id == customer.id && found.epoch == customer.epoch && !found.disabled);
        if is_current {
            return Ok(());
        }
        self.sessions.end(key).await?;
        Err(Error::Unauthenticated)
    }

    /// Returns both tokens of a session whose refresh token is valid until `expires_at`.
    pub(in crate::accounts) fn tokens(
        &self,
        identity: Identity,
        refresh: RefreshToken,
        expires_at: OffsetDateTime,
    ) -> Result<Tokens, Error> {
        let now = self.clock.now();
        let refresh_max_age = (expires_at - now).try_into().unwrap_or_default();
        let access_max_age = self.lifetimes.access_token.min(refresh_max_age);
        let claims = AccessClaims { identity, issued_at: now, expires_at: now + access_max_age };
        let access = self.access_tokens.mint(&claims).map_err(Error::Internal)?;
        Ok(Tokens { access, access_max_age, refresh, refresh_max_age, browser: None })
    }

    /// Ends the session of the refresh token that a client sent, once the client has a new session.
    pub(in crate::accounts) async fn end_replaced(&self, replaced: Option<&str>) {
        if let Some(token) = replaced.and_then(|token| self.refresh_tokens.parse(token)) {
            self.end_old(token.session()).await;
        }
    }

    /// Ends the session `old`, which `new` replaces. If `old` was already ended, by the customer or by the shop, `new`
    /// ends too.
    ///
    /// # Errors
    /// `Unauthenticated` if `old` was already ended.
    pub(in crate::accounts) async fn replace_session(&self, old: SessionKey, new: SessionKey) -> Result<(), Error> {
        match self.sessions.end(old).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.end_old(new).await;
                Err(Error::Unauthenticated)
            }
            // The request has succeeded: an old session that stays until it expires does not undo it.
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "replaced session not ended");
                Ok(())
            }
        }
    }

    /// Ends a session that another one has replaced. If that fails, the session ends by its own limits.
    pub(in crate::accounts) async fn end_old(&self, session: SessionKey) {
        if let Err(error) = self.sessions.end(session).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "replaced session not ended: it stays until it expires"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_id_survives_its_writing() {
        let id = SessionId::from_bytes([7; 16]);
        assert_eq!(SessionId::parse(&id.to_string()), Some(id));
        assert_eq!(SessionId::parse("short"), None);
    }
}
