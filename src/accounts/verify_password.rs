//! Verify a password: what a login and every later proof have in common, limits included.

use super::{
    Accounts, Caller, Error,
    ports::{Credentials, Verdict},
};
use crate::domain::{Customer, CustomerId, EmailAddress, PasswordAttempt};

/// Whether a password is the one of the account.
pub(super) enum Verification {
    Right(Verified),
    /// It is, but the account is nobody's until its address is verified. Whoever asks must not tell it from a wrong one.
    Unverified(Customer),
    /// Or there is no account of this address, or none that has a password, or its customer is disabled.
    Wrong(Option<CustomerId>),
}

/// Whose password it was.
pub(super) struct Verified {
    pub credentials: Credentials,
    /// Its hash is of an older scheme or cost.
    pub outdated: bool,
    /// Whether the customer signed in by this browser before.
    pub browser_is_known: bool,
}

impl Accounts {
    /// Whether this is the password of the account of this address. Where there is none, the work is the same, and so is
    /// the time (ASVS 5.0, 6.3.8). The attempt is counted before the password is looked at, against where it comes from
    /// and where it goes, and taken back when it was right (ASVS 5.0, 6.3.1; CVE-2024-4629).
    ///
    /// # Errors
    /// `TooManyAttempts`, or that something cannot answer.
    pub(super) async fn verify_password(
        &self,
        email: &EmailAddress,
        password: PasswordAttempt,
        caller: &Caller,
    ) -> Result<Verification, Error> {
        let from_place = self.reserve_log_in_from(&caller.client).await?;
        let found = self.customers.find_credentials(email).await?;
        let customer = found.as_ref().map(|found| found.customer.id);
        let browser_is_known = self.knows_browser(found.as_ref().map(|found| &found.customer), caller).await?;
        let browser = caller.browser.filter(|_| browser_is_known);
        let to_account = match self.reserve_log_in_to(email, browser).await {
            Ok(attempt) => attempt,
            Err(error) => {
                // No password was looked at, so this was no attempt from there.
                self.give_back(from_place).await;
                return Err(error);
            }
        };
        let is_nobodys = |found: &Credentials| self.requires_verified_email && !found.customer.verified;
        let verdict = self.hasher.verify(password, found.as_ref().map(|found| found.password.clone())).await?;
        // After the same work: whoever is kept out is told no more than whoever guesses.
        let is_kept_out = found.as_ref().is_some_and(|found| found.customer.disabled);
        let verdict = if is_kept_out { Verdict::Wrong } else { verdict };
        match (found, verdict) {
            (Some(found), Verdict::Right | Verdict::RightButOutdated) if is_nobodys(&found) => {
                Ok(Verification::Unverified(found.customer))
            }
            (Some(credentials), Verdict::Right | Verdict::RightButOutdated) => {
                self.give_back(from_place).await;
                self.give_back(to_account).await;
                let outdated = verdict == Verdict::RightButOutdated;
                Ok(Verification::Right(Verified { credentials, outdated, browser_is_known }))
            }
            (_, _) => {
                if let Some(customer) = customer {
                    self.record_failed_attempt(customer, &caller.client);
                }
                Ok(Verification::Wrong(customer))
            }
        }
    }
}
