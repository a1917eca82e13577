//! Log in: a customer proves their identity with a password.

use crate::{
    accounts::{
        core::{accounts::Accounts, browser::Caller, budgets::mails::after_log_in_budgets, error::Error},
        mail::message::MailKind,
        passwords::verify_password::{Verification, Verified},
        ports::Credentials,
        sessions::session::Tokens,
    },
    domain::{Customer, Event, LogIn, PasswordAttempt},
    telemetry::metrics,
};

impl Accounts {
    /// Verifies the password and starts a session, which replaces the session of the client's refresh token, if any.
    ///
    /// # Errors
    /// `InvalidCredentials`, `TooManyAttempts`, or an error if a store or the password hasher does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn log_in(
        &self,
        form: LogIn,
        caller: Caller,
        replaced: Option<&str>,
    ) -> Result<(Customer, Tokens), Error> {
        let logged_in = self.try_to_log_in(form, caller, replaced).await;
        metrics::log_in(match &logged_in {
            Ok(_) => metrics::LogIn::Succeeded,
            Err(Error::InvalidCredentials) => metrics::LogIn::WrongCredentials,
            Err(Error::TooManyAttempts { .. }) => metrics::LogIn::TooMany,
            Err(_) => metrics::LogIn::Failed,
        });
        logged_in
    }

    async fn try_to_log_in(
        &self,
        form: LogIn,
        caller: Caller,
        replaced: Option<&str>,
    ) -> Result<(Customer, Tokens), Error> {
        let verification = self.verify_password(&form.email, form.password.clone(), &caller).await?;
        let Verified { credentials, outdated, browser_is_known } = match verification {
            Verification::Right(Verified { credentials: Credentials { customer, .. }, .. })
                if self.must_verify_first(&customer) =>
            {
                tracing::info!(event = "log_in_unverified", customer = %customer.id, "a login to an account whose address is not verified");
                let budgets = after_log_in_budgets(&customer.email);
                self.send_another_verification(&customer, &caller.client, budgets);
                return Err(Error::InvalidCredentials);
            }
            Verification::Right(verified) => verified,
            Verification::Wrong(customer) => {
                let customer = customer.map(|customer| customer.to_string());
                tracing::info!(event = "log_in_failed", customer, "a login failed");
                return Err(Error::InvalidCredentials);
            }
        };
        if outdated {
            self.upgrade(&credentials, form.password).await;
        }
        let customer = credentials.customer;
        let tokens = match self.start_session(&customer, &caller, self.clock.now()).await {
            // Disabled, or changed by another credential event, while the password was verified.
            Err(Error::Unauthenticated) => return Err(Error::InvalidCredentials),
            started => started?,
        };
        let event = if browser_is_known { Event::LoggedIn } else { Event::LoggedInOnNewDevice };
        // Concurrently, since neither needs the other.
        tokio::join!(self.record_proof(&customer, event, &caller, &tokens), async {
            if !browser_is_known && self.outbox.is_some() && self.reserve_notice(customer.id).await {
                self.notify(&customer, MailKind::NewDevice(caller.client.clone())).await;
            }
        });
        self.end_replaced(replaced).await;
        tracing::info!(event = "logged_in", customer = %customer.id, "a customer logged in");
        Ok((customer, tokens))
    }

    /// Replaces an older hash by one with the current scheme and cost, while the password is known (ASVS 5.0, 11.2.2).
    /// A failure is only logged; the next login tries again.
    async fn upgrade(&self, found: &Credentials, password: PasswordAttempt) {
        let id = found.customer.id;
        let upgraded = async {
            let new = self.hasher.rehash(password).await?;
            self.customers.rehash_password(id, &found.password, &new, self.clock.now()).await?;
            Ok::<_, Error>(())
        };
        match upgraded.await {
            Ok(()) => tracing::info!(event = "password_rehashed", customer = %id, "an older hash was replaced"),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                customer = %id,
                "an older hash stays until the next login"
            ),
        }
    }
}
