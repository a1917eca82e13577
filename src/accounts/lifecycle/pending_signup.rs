//! Pending sign-ups: browsers in which a person has signed up but not verified their address yet.
//!
//! Such a browser has a ticket, whose hash is stored with the account. If the address is verified in this browser, the
//! account stays as it was created. If it is verified elsewhere, that may not be the person who created it. A ticket
//! does not reveal whether there is an account, since every sign-up gets one.

use std::{fmt, time::Duration};

use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    accounts::{
        addresses::verify_email::GOOD_FOR,
        core::{accounts::Accounts, derived_keys::DerivedKeys, signed::Signed},
    },
    domain::EmailAddress,
};

const TICKET: usize = 16;

/// A browser's ticket, with the address that has to be verified.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingSignup {
    ticket: [u8; TICKET],
    pub email: EmailAddress,
    /// When the ticket expires, however often it is used.
    expires_at: OffsetDateTime,
}

impl PendingSignup {
    /// Returns the hash of the ticket that stores keep.
    #[must_use]
    pub fn ticket(&self) -> TicketHash {
        TicketHash(Sha256::digest(self.ticket).into())
    }
}

/// Does not print the ticket.
impl fmt::Debug for PendingSignup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingSignup").field("email", &self.email).finish_non_exhaustive()
    }
}

/// The SHA-256 of a ticket. The ticket cannot be derived from it.
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

/// Returns the ticket of a browser that signed up with this address.
pub(in crate::accounts) fn ticket_for(
    email: &EmailAddress,
    pending_signup: Option<&PendingSignup>,
) -> Option<TicketHash> {
    pending_signup.filter(|pending_signup| pending_signup.email == *email).map(PendingSignup::ticket)
}

/// A ticket as the browser's cookie.
#[derive(Debug)]
pub struct PendingSignupCookie {
    pub value: Zeroizing<String>,
    pub max_age: Duration,
}

/// Writes and reads the cookies of pending sign-ups.
pub struct PendingSignupCookies(Signed);

impl PendingSignupCookies {
    /// Creates it with `keys` that are used only for this purpose.
    #[must_use]
    pub fn new(keys: impl Into<DerivedKeys>) -> Self {
        Self(Signed::new(keys))
    }

    /// Parses a cookie. Returns `None` if this system did not write it, or if it has expired.
    #[must_use]
    pub fn parse(&self, cookie: &str, now: OffsetDateTime) -> Option<PendingSignup> {
        let content = self.0.read(cookie)?;
        let (ticket, rest) = content.split_first_chunk()?;
        let (seconds, email) = rest.split_first_chunk()?;
        let expires_at = OffsetDateTime::from_unix_timestamp(i64::from_be_bytes(*seconds)).ok()?;
        let email = EmailAddress::from_store(str::from_utf8(email).ok()?.to_owned());
        (now < expires_at).then_some(PendingSignup { ticket: *ticket, email, expires_at })
    }

    /// Returns the cookie, as it is sent at `now`.
    #[must_use]
    pub fn write(&self, pending_signup: &PendingSignup, now: OffsetDateTime) -> PendingSignupCookie {
        let seconds = pending_signup.expires_at.unix_timestamp().to_be_bytes();
        let content = [pending_signup.ticket.as_slice(), &seconds, pending_signup.email.as_str().as_bytes()].concat();
        let max_age = (pending_signup.expires_at - now).try_into().unwrap_or_default();
        PendingSignupCookie { value: self.0.write(&content), max_age }
    }
}

impl Accounts {
    /// Returns the pending sign-up of a browser that signs up now. A browser that signed up with this address before
    /// keeps its ticket, until that expires: a form that is sent twice is still the form of one person.
    pub(in crate::accounts) fn pending_signup(
        &self,
        email: &EmailAddress,
        known: Option<PendingSignup>,
    ) -> PendingSignup {
        known.filter(|known| known.email == *email).unwrap_or_else(|| {
            let mut ticket = [0; TICKET];
            self.randomness.fill(&mut ticket);
            PendingSignup { ticket, email: email.clone(), expires_at: self.clock.now() + GOOD_FOR }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n5_a_pending_sign_up_is_read_from_its_cookie_for_a_day_and_never_prints_its_ticket() {
        let cookies = PendingSignupCookies::new(Zeroizing::new([1; 32]));
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let email = EmailAddress::parse("ada@x.test").unwrap();
        let pending_signup = PendingSignup { ticket: [7; TICKET], email, expires_at: now + GOOD_FOR };
        let cookie = cookies.write(&pending_signup, now);
        assert_eq!(cookie.max_age, GOOD_FOR);
        assert_eq!(cookies.parse(&cookie.value, now), Some(pending_signup.clone()));
        // Sending it again, or copying it, does not extend it.
        assert_eq!(cookies.write(&pending_signup, now + GOOD_FOR / 2).max_age, GOOD_FOR / 2);
        assert_eq!(cookies.parse(&cookie.value, now + GOOD_FOR), None);
        assert_eq!(cookies.parse("", now), None);
        assert!(!format!("{pending_signup:?}").contains("ticket"));
    }

    #[test]
    fn n5_a_ticket_is_valid_only_for_the_address_that_signed_up() {
        let [ada, bob] = ["ada@x.test", "bob@x.test"].map(|email| EmailAddress::parse(email).unwrap());
        let bobs = PendingSignup { ticket: [7; TICKET], email: bob.clone(), expires_at: OffsetDateTime::UNIX_EPOCH };
        assert_eq!(ticket_for(&bob, Some(&bobs)), Some(bobs.ticket()));
        assert_eq!(ticket_for(&ada, Some(&bobs)), None);
        assert_eq!(ticket_for(&ada, None), None);
    }
}
