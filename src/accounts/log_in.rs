//! Log in: somebody proves with a password that an account is theirs.

use super::{
    Accounts, Client, Error, Tokens,
    ports::{Credentials, Verdict},
};
use crate::domain::{Customer, LogIn, PasswordAttempt};

impl Accounts {
    /// Verifies the password and starts a session, in the place of the one the client brought along, if any.
    ///
    /// An unknown address costs the same work and gets the same answer as a wrong password (ASVS 5.0, 6.3.8).
    ///
    /// # Errors
    /// `InvalidCredentials`, `TooManyAttempts`, or that something cannot answer.
    pub async fn log_in(
        &self,
        form: LogIn,
        client: Client,
        replaced: Option<&str>,
    ) -> Result<(Customer, Tokens), Error> {
        self.reserve_log_in(&client, &form.email).await?;
        let found = self.customers.find_credentials(&form.email).await?;
        let hash = found.as_ref().map(|found| found.password.clone());
        let verdict = self.hasher.verify(form.password.clone(), hash).await?;
        let found = match (found, verdict) {
            (Some(found), Verdict::Right) => found,
            (Some(found), Verdict::RightButOutdated) => {
                self.upgrade(&found, form.password).await;
                found
            }
            (found, _) => {
                let customer = found.map(|found| found.customer.id);
                if let Some(customer) = customer {
                    self.record_failed_attempt(customer, &client);
                }
                let customer = customer.map(|customer| customer.to_string());
                tracing::info!(event = "log_in_failed", customer, "a login failed");
                return Err(Error::InvalidCredentials);
            }
        };
        self.give_back_log_in(&client, &form.email).await;
        let tokens = self.start_session(&found.customer, client.clone()).await?;
        self.record_log_in(found.customer.id, &client).await;
        self.end_replaced(replaced).await;
        tracing::info!(event = "logged_in", customer = %found.customer.id, "a customer logged in");
        Ok((found.customer, tokens))
    }

    /// Hashes the password by today's scheme and cost while it is known (ASVS 5.0, 11.2.2). Nobody is kept out when
    /// this fails; the next login tries again.
    async fn upgrade(&self, found: &Credentials, password: PasswordAttempt) {
        let id = found.customer.id;
        let upgraded = async {
            let new = self.hasher.rehash(password).await?;
            self.customers.replace_password(id, &found.password, &new, self.clock.now()).await?;
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
