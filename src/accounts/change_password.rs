//! Change password: whoever knows the one in force chooses another, and all other devices are signed out.

use super::{Accounts, Caller, Error, Identity, Letter, SessionKey, Tokens};
use crate::domain::{ChangePassword, Event, Field, FieldError, FieldErrors};

impl Accounts {
    /// Replaces the password, ends every other session, and moves this one to an id of its own (ASVS 5.0, 7.4.3).
    ///
    /// # Errors
    /// `Invalid` when the current password is wrong or the new one not good enough, `TooManyAttempts`,
    /// `Unauthenticated`, or that something cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_password(
        &self,
        identity: Identity,
        form: ChangePassword,
        caller: Caller,
    ) -> Result<Tokens, Error> {
        let found = self.prove(identity, form.current, &caller).await?;
        let customer = &found.customer;
        self.check_chosen(&form.password, &customer.name, &customer.email)?;
        let password = self.hasher.hash(form.password).await?;

        let SessionKey { customer: id, id: kept } = identity.session;
        // Before, so that a store which cannot do it keeps the old password too: one of the browsers may be a thief's.
        self.browsers.forget_all(id).await?;
        self.sessions.end_others(id, kept).await?;
        let mail = self.mail(customer, Letter::PasswordChanged(caller.client.clone()));
        let now = self.clock.now();
        if !self.customers.replace_password(id, &found.password, &password, now, mail.as_ref()).await? {
            return Err(Error::Invalid(FieldErrors::one(Field::CurrentPassword, FieldError::Wrong)));
        }
        // And after, for whoever logged in with the old password in between.
        self.sessions.end_others(id, kept).await?;
        self.record(id, Event::PasswordChanged, Some(&caller.client)).await;
        tracing::info!(event = "password_changed", customer = %id, "a customer changed their password");
        let tokens = self.start_session(customer, &caller, now).await?;
        self.remember_browser(id, &tokens).await;
        self.sessions.end(identity.session).await?;
        Ok(tokens)
    }
}
