//! Verify a password: what a login and every later proof have in common, including limits.

use crate::{
    accounts::{
        core::{
            accounts::Accounts,
            browser::Caller,
            budgets::{log_in_budgets, proof_budgets},
            error::Error,
        },
        ports::{Credentials, Verdict},
        sessions::session::SessionKey,
    },
    domain::{Customer, CustomerId, EmailAddress, PasswordAttempt},
};

/// The result of verifying a password.
pub(in crate::accounts) enum Verification {
    Right(Verified),
    /// The password is wrong, or there is no account with this address, or it has no password, or it is disabled.
    Wrong(Option<CustomerId>),
}

/// A customer with the right password.
pub(in crate::accounts) struct Verified {
    pub credentials: Credentials,
    /// True if its hash has an older scheme or cost.
    pub outdated: bool,
    /// True if the customer has signed in with this browser before.
    pub browser_is_known: bool,
}

impl Accounts {
    /// Verifies the password of a login. The attempt is counted before the password is verified, and given back if it
    /// was right (ASVS 5.0, 6.3.1; CVE-2024-4629).
    ///
    /// # Errors
    /// `TooManyAttempts`, or an error if a store or the password hasher does not answer.
    pub(in crate::accounts) async fn verify_password(
        &self,
        email: &EmailAddress,
        password: PasswordAttempt,
        caller: &Caller,
    ) -> Result<Verification, Error> {
        let found = self.customers.find_credentials(email).await?;
        let browser_is_known = self.knows_browser(found.as_ref().map(|found| &found.customer), caller).await?;
        let budgets = log_in_budgets(email, &caller.client, caller.browser.filter(|_| browser_is_known));
        let verification = async { Ok(self.recorded(self.compare(found, password, browser_is_known).await?, caller)) };
        let is_failure = |verification: &Verification| match verification {
            Verification::Right(verified) => self.must_verify_first(&verified.credentials.customer),
            Verification::Wrong(_) => true,
        };
        self.limited_unless(budgets, verification, is_failure).await
    }

    /// Returns true if the customer has to verify their address before they can log in. A caller who tries must not
    /// learn that the password is right.
    pub(in crate::accounts) fn must_verify_first(&self, customer: &Customer) -> bool {
        self.requires_verified_email && !customer.verified
    }

    /// Verifies the password of a signed-in customer, also of one who logged in before the shop required verified
    /// addresses. The attempt counts only against their session, so attempts of others at their address or account do
    /// not delay them.
    ///
    /// # Errors
    /// `Unauthenticated` if the password is wrong and the session has ended: another request of the customer may just
    /// have changed it. `TooManyAttempts`, or an error if a store or the password hasher does not answer.
    pub(in crate::accounts) async fn verify_proof(
        &self,
        session: SessionKey,
        email: &EmailAddress,
        password: PasswordAttempt,
        caller: &Caller,
    ) -> Result<Verification, Error> {
        let verification = async {
            let found = self.customers.find_credentials(email).await?;
            let verification = self.compare(found, password, true).await?;
            if let Verification::Wrong(_) = verification
                && !self.sessions.is_live(session, self.clock.now()).await?
            {
                return Err(Error::Unauthenticated);
            }
            Ok(self.recorded(verification, caller))
        };
        let is_failure = |verification: &Verification| matches!(verification, Verification::Wrong(_));
        self.limited_unless(proof_budgets(session), verification, is_failure).await
    }

    /// Compares the password with that of the account. Does the same work, in the same time, if there is no account
    /// (ASVS 5.0, 6.3.8).
    async fn compare(
        &self,
        found: Option<Credentials>,
        password: PasswordAttempt,
        browser_is_known: bool,
    ) -> Result<Verification, Error> {
        let customer = found.as_ref().map(|found| found.customer.id);
        let verdict = self.hasher.verify(password, found.as_ref().map(|found| found.password.clone())).await?;
        // After the same work: a disabled customer must learn no more than a caller who guesses.
        let is_kept_out = found.as_ref().is_some_and(|found| found.customer.disabled);
        let verdict = if is_kept_out { Verdict::Wrong } else { verdict };
        match (found, verdict) {
            (Some(credentials), Verdict::Right | Verdict::RightButOutdated) => {
                let outdated = verdict == Verdict::RightButOutdated;
                Ok(Verification::Right(Verified { credentials, outdated, browser_is_known }))
            }
            (_, _) => Ok(Verification::Wrong(customer)),
        }
    }

    /// Returns the result after it was recorded, if it is a failed attempt at an account.
    fn recorded(&self, verification: Verification, caller: &Caller) -> Verification {
        if let Verification::Wrong(Some(customer)) = verification {
            self.record_failed_attempt(customer, &caller.client);
        }
        verification
    }
}
