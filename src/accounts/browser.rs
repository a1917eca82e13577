//! Browsers: what tells a customer's own device from a stranger's, long after its session is over.
//!
//! A browser that signed in carries an id in a signed cookie for a year. The customer it signed in as is not locked out
//! there while somebody else guesses at their account (OWASP, device cookies), and is told of a login from any other. It
//! opens nothing, and is bound to no address.

use std::{fmt, time::Duration};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    Accounts, Client, DerivedKeys, Error, Newcomer, Tokens,
    ports::{KnownBrowser, Randomness},
    signed::Signed,
};
use crate::domain::{CredentialEpoch, Customer, CustomerId};

const ID: usize = 16;

/// How long a browser is known after it last signed in.
const KNOWN: Duration = Duration::from_hours(365 * 24);

/// A browser's id: 128 random bits. It never prints itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BrowserId([u8; ID]);

impl BrowserId {
    /// An id that nobody can guess.
    #[must_use]
    pub fn draw(randomness: &dyn Randomness) -> Self {
        let mut id = [0; ID];
        randomness.fill(&mut id);
        Self(id)
    }

    /// What stores keep of it.
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

/// The SHA-256 of a browser's id. Nobody can make a cookie of it.
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

/// Somebody who wants to sign in, or to prove who they are.
#[derive(Clone, Debug)]
pub struct Caller {
    pub client: Client,
    /// `None`: this browser has not signed in before, or does not say so.
    pub browser: Option<BrowserId>,
    /// Somebody signed up in it a short while ago, and has yet to verify their address.
    pub newcomer: Option<Newcomer>,
}

/// A browser's cookie, for a browser that has just signed in.
#[derive(Debug)]
pub struct BrowserCookie {
    pub id: BrowserId,
    pub value: Zeroizing<String>,
    pub max_age: Duration,
}

/// Makes and reads the cookies of browsers.
pub struct BrowserCookies(Signed);

impl BrowserCookies {
    /// `keys` are for this purpose alone.
    #[must_use]
    pub fn new(keys: impl Into<DerivedKeys>) -> Self {
        Self(Signed::new(keys))
    }

    /// Reads a cookie: `None` unless this system made it.
    #[must_use]
    pub fn parse(&self, cookie: &str) -> Option<BrowserId> {
        self.0.read(cookie)?.as_slice().try_into().ok().map(BrowserId)
    }

    /// The 64 characters for the cookie.
    #[must_use]
    pub fn write(&self, id: BrowserId) -> Zeroizing<String> {
        self.0.write(&id.0)
    }
}

impl Accounts {
    /// Returns true if this browser signed in to the account in its current epoch. For an account that does not exist the
    /// work is the same.
    pub(super) async fn knows_browser(&self, customer: Option<&Customer>, caller: &Caller) -> Result<bool, Error> {
        let Some(browser) = caller.browser else { return Ok(false) };
        let (id, epoch) = customer
            .map_or_else(|| (CustomerId::NOBODY, CredentialEpoch::default()), |customer| (customer.id, customer.epoch));
        let known = self.browsers.knows(id, epoch, browser.hash(), self.clock.now()).await?;
        Ok(known && customer.is_some())
    }

    /// The cookie of a browser that signs in.
    pub(super) fn browser_cookie(&self, id: BrowserId) -> BrowserCookie {
        BrowserCookie { id, value: self.browser_cookies.write(id), max_age: KNOWN }
    }

    /// Has the browser of `tokens` known to the customer in the epoch of `customer`. A failure keeps nobody out.
    pub(super) async fn remember_browser(&self, customer: &Customer, tokens: &Tokens) {
        if let Some(browser) = &tokens.browser {
            self.remember(customer.id, customer.epoch, browser.id).await;
        }
    }

    /// Has a browser known to a customer in an epoch. A failure keeps nobody out.
    pub(super) async fn remember(&self, customer: CustomerId, epoch: CredentialEpoch, browser: BrowserId) {
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
