//! A customer's former addresses, each with the right to undo the change that replaced it.

use time::{Duration, OffsetDateTime};

use crate::domain::EmailAddress;

/// How long an address can undo the change that replaced it.
pub(in crate::accounts) const UNDO_FOR: Duration = Duration::hours(72);

/// The maximum number of addresses that are kept. The oldest stay: a thief who changes the address repeatedly cannot
/// push out the owner's.
const MAX_FORMER: usize = 8;

/// A former address of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerEmail {
    pub email: EmailAddress,
    /// When its right to undo the change ends.
    pub until: OffsetDateTime,
    /// When the customer had last secured the account while this was its address, if ever. The links of earlier notices
    /// are void: one of them was used.
    pub secured_at: Option<OffsetDateTime>,
}

impl FormerEmail {
    /// Returns true if a notice that was written at `written_at` can undo the change.
    pub(in crate::accounts) fn allows(&self, written_at: OffsetDateTime) -> bool {
        self.secured_at.is_none_or(|secured_at| secured_at < written_at)
    }
}

/// A customer's former addresses, oldest first.
///
/// A person who reads the mail to one of them can return the account to it. That ends the right of all later addresses
/// and keeps that of the earlier ones, so that a later holder cannot shut out an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormerEmails(Vec<FormerEmail>);

impl FormerEmails {
    /// Reads stored addresses.
    #[must_use]
    pub fn from_store(stored: Vec<FormerEmail>) -> Self {
        Self(stored)
    }

    pub fn iter(&self) -> impl Iterator<Item = &FormerEmail> {
        self.0.iter()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the addresses after `email` was replaced at `now`, in an account that was last secured at `secured_at`:
    /// those whose right has not ended and, if there is room, this one.
    pub(in crate::accounts) fn replaced(
        self,
        email: EmailAddress,
        secured_at: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Self {
        let mut kept: Vec<_> = self.0.into_iter().filter(|former| now < former.until).collect();
        if kept.len() < MAX_FORMER {
            kept.push(FormerEmail { email, until: now + UNDO_FOR, secured_at });
        }
        Self(kept)
    }

    /// Finds the first address that satisfies `is_meant` and can undo a change at `now`. Returns it, with the addresses
    /// that are left after the undo.
    pub(in crate::accounts) fn undo(
        self,
        now: OffsetDateTime,
        is_meant: impl Fn(&FormerEmail) -> bool,
    ) -> Option<(FormerEmail, Self)> {
        let mut left = self.0;
        let at = left.iter().position(|former| now < former.until && is_meant(former))?;
        let found = left.drain(at..).next()?;
        Some((found, Self(left)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn emails(former: &FormerEmails) -> Vec<&str> {
        former.iter().map(|former| former.email.as_str()).collect()
    }

    /// Returns the former addresses after these were replaced, one hour apart.
    fn after(replaced: &[&str]) -> FormerEmails {
        let times = (0..).map(|hour| START + Duration::hours(hour));
        let all = replaced.iter().zip(times);
        all.fold(FormerEmails::default(), |former, (email, at)| former.replaced(address(email), None, at))
    }

    #[test]
    fn n1_a1_each_former_address_has_its_own_72_hours() {
        let former = after(&["a@x.test", "b@x.test"]);
        let undo = |email: &str, at| former.clone().undo(at, |of| of.email.as_str() == email);
        assert!(undo("a@x.test", START + Duration::hours(71)).is_some());
        assert!(undo("a@x.test", START + Duration::hours(72)).is_none());
        assert!(undo("b@x.test", START + Duration::hours(72)).is_some());
        assert!(undo("b@x.test", START + Duration::hours(73)).is_none());
    }

    #[test]
    fn n1_a1_an_undo_revokes_the_right_of_later_addresses_and_keeps_that_of_earlier_ones() {
        let former = after(&["a@x.test", "b@x.test", "c@x.test"]);
        let (found, left) = former.undo(START, |of| of.email.as_str() == "b@x.test").unwrap();
        assert_eq!(found.email.as_str(), "b@x.test");
        assert_eq!(emails(&left), ["a@x.test"]);
    }

    #[test]
    fn n1_a1_many_changes_remove_no_earlier_address_and_a_returning_address_restarts_its_period() {
        let many: Vec<String> = (0..50).map(|n| format!("t{n}@x.test")).collect();
        let replaced: Vec<&str> = std::iter::once("a@x.test").chain(many.iter().map(String::as_str)).collect();
        let former = after(&replaced);
        assert_eq!(former.iter().count(), MAX_FORMER);
        assert_eq!(emails(&former)[0], "a@x.test");
        // The owner changed to another address and back; a thief changes it in the last hour of the first right.
        let back = after(&["a@x.test", "b@x.test"]).replaced(address("a@x.test"), None, START + Duration::hours(71));
        assert!(back.undo(START + Duration::hours(142), |of| of.email.as_str() == "a@x.test").is_some());
    }
}
