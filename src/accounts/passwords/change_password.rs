//! Change password: a customer who knows the current password chooses a new one, and all other devices are signed out.

use crate::{
    accounts::{
        core::{accounts::Accounts, browser::Caller, credential_event, error::Error},
        mail::message::MailKind,
        ports::{Credentials, PasswordChange},
        sessions::session::{Identity, Tokens},
    },
    domain::{ChangePassword, Customer, Event},
};

impl Accounts {
    /// Replaces the password, ends every other session, and moves this one to a new id (ASVS 5.0, 7.4.3).
    ///
    /// The new session is created first, in the epoch that the new password starts: once the password is changed, a
    /// failing store does not keep the customer from their response.
    ///
    /// # Errors
    /// `Invalid` if the current password is wrong or the new one is weak, `TooManyAttempts`, `Unauthenticated`,
    /// `Contended` if the credentials change at the same moment, or an error if a store or the password hasher does not
    /// answer. After such an error, the password is unchanged by this call, unless the session was ended elsewhere just
    /// after the change: that is `Unauthenticated`, too.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_password(
        &self,
        identity: Identity,
        form: ChangePassword,
        caller: Caller,
    ) -> Result<Tokens, Error> {
        let Credentials { customer, password: old } = self.prove(identity, form.current, &caller).await?;
        self.check_chosen(&form.password, &customer.name, &customer.email)?;
        let new = self.hasher.hash(form.password).await?;

        let now = self.clock.now();
        // Verifying and hashing take a while, in which the customer may have ended this session elsewhere.
        self.sessions.find(identity.session, now).await?.ok_or(Error::Unauthenticated)?;
        self.end_sessions_before_event(&customer, identity.session.id).await?;
        // The browser gets a new id too: a copy of its cookie must not stay known.
        let caller = Caller { browser: None, ..caller };
        let changed = Customer { epoch: customer.epoch.next(), password_changed_at: Some(now), ..customer.clone() };
        let tokens = self.create_session(&changed, &caller, now).await?;
        let change = PasswordChange { customer: customer.id, epoch: customer.epoch, old: &old, new: &new, now };
        if let Err(error) = self.write_change(&change, &customer, &caller).await {
            self.end_old(tokens.refresh.session()).await;
            // A form that is sent twice changes the password once, which ends the session of both requests.
            let is_ended = matches!(error, Error::Contended) && !self.sessions.is_live(identity.session, now).await?;
            return Err(if is_ended { Error::Unauthenticated } else { error });
        }

        let Customer { id, epoch, .. } = changed;
        let replaced = self.replace_session(identity.session, tokens.refresh.session()).await;
        self.end_sessions_after_event(credential_event::Event { customer: id, epoch, kept: None }).await;
        tracing::info!(event = "password_changed", customer = %id, "password changed");
        // The password is changed even if the session was ended elsewhere in the meantime.
        if let Err(error) = replaced {
            self.record(id, Event::PasswordChanged, Some(&caller.client)).await;
            return Err(error);
        }
        self.record_proof(&changed, Event::PasswordChanged, &caller, &tokens).await;
        Ok(tokens)
    }

    /// Writes the new password, and the mail that reports it.
    async fn write_change(
        &self,
        change: &PasswordChange<'_>,
        customer: &Customer,
        caller: &Caller,
    ) -> Result<(), Error> {
        let write = async |is_told: bool| {
            let notice = || self.mail(customer, MailKind::PasswordChanged(caller.client.clone()));
            let mail = is_told.then(notice).flatten();
            let is_written = self.customers.change_password(change, mail.as_ref()).await?;
            // The current password was right: another credential event, or a new hash of it, came first.
            is_written.then_some(()).ok_or(Error::Contended)
        };
        if self.outbox.is_none() {
            return write(false).await;
        }
        self.with_password_notice(customer.id, write).await
    }
}
