//! Browsers: tell a customer's own device from a stranger's, long after its session has ended.
//!
//! A browser in which a customer signed in has an id in a signed cookie for a year. The customer is not locked out
//! there while others guess their password (OWASP, device cookies), and is notified of logins in other browsers. The
//! cookie grants no access, and is not bound to an address.

use std::{fmt, time::Duration};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    accounts::{
        core::{accounts::Accounts, derived_keys::DerivedKeys, error::Error, signed::Signed},
        lifecycle::pending_signup::PendingSignup,
        ports::{KnownBrowser, Randomness},
        sessions::session::{Client, Tokens},
    },
    domain::{CredentialEpoch, Customer, CustomerId},
};

const ID: usize = 16;

/// How long a browser is known after the last sign-in.
const KNOWN: Duration = Duration::from_hours(365 * 24);

/// A browser's id: 128 random bits. `Debug` hides it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BrowserId([u8; ID]);

impl BrowserId {
    /// Returns a new random id.
    #[must_use]
    pub fn draw(randomness: &dyn Randomness) -> Self {
        let mut id = [0; ID];
        randomness.fill(&mut id);
        Self(id)
    }

    /// Returns the hash that stores keep.
    #[must_use]
    pub fn hash(self) -> BrowserHash {
        BrowserHash(Sha256::digest(self.0).into())
    }
}

impl fmt::Debug for BrowserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserId(***)")
    }
}

/// The SHA-256 of a browser's id. A cookie cannot be made from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrowserHash([u8; 32]);

impl BrowserHash {
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

/// The caller of a use case, with what the cookies of their browser say.
#[derive(Clone, Debug)]
pub struct Caller {
    pub client: Client,
    /// `None` if this browser has not signed in before, or does not send the cookie.
    pub browser: Option<BrowserId>,
    /// The pending sign-up in this browser, if any.
    pub pending_signup: Option<PendingSignup>,
}

/// The cookie of a browser that has just signed in.
#[derive(Debug)]
pub struct BrowserCookie {
    pub id: BrowserId,
    pub value: Zeroizing<String>,
    pub max_age: Duration,
}

/// Writes and reads the cookies of browsers.
pub struct BrowserCookies(Signed);

impl BrowserCookies {
    /// Creates it with `keys` that are used only for this purpose.
    #[must_use]
    pub fn new(keys: impl Into<DerivedKeys>) -> Self {
        Self(Signed::new(keys))
    }

    /// Parses a cookie. Returns `None` unless this system wrote it.
    #[must_use]
    pub fn parse(&self, cookie: &str) -> Option<BrowserId> {
        self.0.read(cookie)?.as_slice().try_into().ok().map(BrowserId)
    }

    /// Returns the value of the cookie: 64 characters.
    #[must_use]
    pub fn write(&self, id: BrowserId) -> Zeroizing<String> {
        self.0.write(&id.0)
    }
}

impl Accounts {
    /// Returns true if this browser signed in to the account in its current epoch. Does the same work if there is no
    /// account.
    pub(in crate::accounts) async fn knows_browser(
        &self,
        customer: Option<&Customer>,
        caller: &Caller,
    ) -> Result<bool, Error> {
        let Some(browser) = caller.browser else { return Ok(false) };
        let (id, epoch) = customer
            .map_or_else(|| (CustomerId::NOBODY, CredentialEpoch::default()), |customer| (customer.id, customer.epoch));
        let known = self.browsers.knows(id, epoch, browser.hash(), self.clock.now()).await?;
        Ok(known && customer.is_some())
    }

    /// Returns the cookie of a browser that signs in.
    pub(in crate::accounts) fn browser_cookie(&self, id: BrowserId) -> BrowserCookie {
        BrowserCookie { id, value: self.browser_cookies.write(id), max_age: KNOWN }
    }

    /// Makes the browser of `tokens` known to the customer, in the epoch of `customer`. A failure is only logged.
    pub(in crate::accounts) async fn remember_browser(&self, customer: &Customer, tokens: &Tokens) {
        if let Some(browser) = &tokens.browser {
            self.remember(customer.id, customer.epoch, browser.id).await;
        }
    }

    /// Makes a browser known to a customer in an epoch. A failure is only logged.
    pub(in crate::accounts) async fn remember(&self, customer: CustomerId, epoch: CredentialEpoch, browser: BrowserId) {
        let known = KnownBrowser { customer, browser: browser.hash(), epoch, expires_at: self.clock.now() + KNOWN };
        if let Err(error) = self.browsers.remember(&known).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "known browser not stored");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cookies() -> BrowserCookies {
        BrowserCookies::new(Zeroizing::new([1; 32]))
    }

    #[test]
    fn l3_a_cookie_survives_its_writing_and_no_change() {
        let id = BrowserId([7; 16]);
        let cookie = cookies().write(id);
        assert_eq!(cookies().parse(&cookie), Some(id));
        for position in 0..cookie.len() {
            let mut altered = cookie.as_bytes().to_vec();
            altered[position] = if altered[position] == b'A' { b'B' } else { b'A' };
            assert_eq!(cookies().parse(std::str::from_utf8(&altered).unwrap()), None, "{position}");
        }
        assert_eq!(BrowserCookies::new(Zeroizing::new([9; 32])).parse(&cookie), None);
        assert!(!format!("{id:?}").contains('7'));
    }

    proptest! {
        #[test]
        fn garbage_is_no_browser(cookie in ".{0,120}") {
            prop_assert_eq!(cookies().parse(&cookie), None);
        }
    }
}
