//! Verify a password: what a login and every later proof have in common, limits included.

use super::{
    Accounts, Caller, Error, SessionKey,
    budgets::{log_in_budgets, proof_budgets},
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

impl Verification {
    fn is_failure(&self) -> bool {
        !matches!(self, Self::Right(_))
    }
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
    /// Verifies the password of a login. The attempt is counted before the password is looked at, and given back when it was
    /// right (ASVS 5.0, 6.3.1; CVE-2024-4629).
    ///
    /// # Errors
    /// `TooManyAttempts`, or that something cannot answer.
    pub(super) async fn verify_password(
        &self,
        email: &EmailAddress,
        password: PasswordAttempt,
        caller: &Caller,
    ) -> Result<Verification, Error> {
        let found = self.customers.find_credentials(email).await?;
        let browser_is_known = self.knows_browser(found.as_ref().map(|found| &found.customer), caller).await?;
        let budgets = log_in_budgets(email, &caller.client, caller.browser.filter(|_| browser_is_known));
        let verification = self.compare(found, password, browser_is_known, caller);
        self.limited_unless(budgets, verification, Verification::is_failure).await
    }

    /// Verifies the password of a customer who is signed in. What others do at their address or to their account does not
    /// keep them waiting: the attempt counts against their session alone.
    ///
    /// # Errors
    /// `TooManyAttempts`, or that something cannot answer.
    pub(super) async fn verify_proof(
        &self,
        session: SessionKey,
        email: &EmailAddress,
        password: PasswordAttempt,
        caller: &Caller,
    ) -> Result<Verification, Error> {
        let verification = async {
            let found = self.customers.find_credentials(email).await?;
            self.compare(found, password, true, caller).await
        };
        self.limited_unless(proof_budgets(session), verification, Verification::is_failure).await
    }

    /// Compares the password with that of the account. The work is the same where there is no account, and so is the time
    /// (ASVS 5.0, 6.3.8).
    async fn compare(
        &self,
        found: Option<Credentials>,
        password: PasswordAttempt,
        browser_is_known: bool,
        caller: &Caller,
    ) -> Result<Verification, Error> {
        let customer = found.as_ref().map(|found| found.customer.id);
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
