//! Newcomers: browsers in which somebody signed up who has yet to verify their address.
//!
//! Such a browser is given a ticket, of which the account keeps the hash. Whoever verifies the address there gets the account
//! as it was made; whoever does so elsewhere may not be the one who made it. A ticket says nothing of whether there is an
//! account, and every sign-up is given one.

use std::{fmt, time::Duration};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Accounts, DerivedKeys, signed::Signed};
use crate::domain::EmailAddress;

const TICKET: usize = 16;

/// A browser's ticket, with the address that is to be verified there.
#[derive(Clone, PartialEq, Eq)]
pub struct Newcomer {
    ticket: [u8; TICKET],
    pub email: EmailAddress,
}

impl Newcomer {
    /// What stores keep of the ticket.
    #[must_use]
    pub fn ticket(&self) -> TicketHash {
        TicketHash(Sha256::digest(self.ticket).into())
    }
}

/// The ticket never prints itself.
impl fmt::Debug for Newcomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Newcomer").field("email", &self.email).finish_non_exhaustive()
    }
}

/// The SHA-256 of a ticket: nobody can make one of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketHash([u8; 32]);

impl TicketHash {
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

/// A ticket on its way to the browser's cookie.
#[derive(Debug)]
pub struct NewcomerCookie {
    pub value: Zeroizing<String>,
    pub max_age: Duration,
}

/// Makes and reads the cookies of newcomers.
pub struct NewcomerCookies(Signed);

impl NewcomerCookies {
    /// `keys` are for this purpose alone.
    #[must_use]
    pub fn new(keys: impl Into<DerivedKeys>) -> Self {
        Self(Signed::new(keys))
    }

    /// Reads a cookie: `None` unless this system made it.
    #[must_use]
    pub fn parse(&self, cookie: &str) -> Option<Newcomer> {
        let content = self.0.read(cookie)?;
        let (ticket, email) = content.split_first_chunk()?;
        Some(Newcomer { ticket: *ticket, email: EmailAddress::from_store(str::from_utf8(email).ok()?.to_owned()) })
    }

    /// The cookie, good for `max_age`.
    #[must_use]
    pub fn write(&self, newcomer: &Newcomer, max_age: Duration) -> NewcomerCookie {
        let content = [newcomer.ticket.as_slice(), newcomer.email.as_str().as_bytes()].concat();
        NewcomerCookie { value: self.0.write(&content), max_age }
    }
}

impl Accounts {
    /// The newcomer of a browser that signs up now. One that has tried before with this address keeps its ticket: whoever
    /// sends a form twice is still one person.
    pub(super) fn newcomer(&self, email: &EmailAddress, known: Option<Newcomer>) -> Newcomer {
        known.filter(|known| known.email == *email).unwrap_or_else(|| {
            let mut ticket = [0; TICKET];
            self.randomness.fill(&mut ticket);
            Newcomer { ticket, email: email.clone() }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newcomer_survives_the_cookie_and_does_not_print_the_ticket() {
        let cookies = NewcomerCookies::new(Zeroizing::new([1; 32]));
        let newcomer = Newcomer { ticket: [7; TICKET], email: EmailAddress::parse("ada@x.test").unwrap() };
        let cookie = cookies.write(&newcomer, Duration::from_hours(24));
        assert_eq!(cookies.parse(&cookie.value), Some(newcomer.clone()));
        assert_eq!(cookies.parse(""), None);
        assert!(!format!("{newcomer:?}").contains('7'));
    }
}
