//! Reset password: whoever can read a customer's mail may choose a new password, and is not signed in by it.

use std::time::Duration;

use super::{
    Accounts, Client, Error, Letter, LinkId, LinkPurpose, LinkTokens, SessionId, common_passwords, ports::Reset,
};
use crate::domain::{CustomerId, EmailAddress, Event, Field, FieldError, FieldErrors, ResetPassword};

/// For how long a link is good (ASVS 5.0, 6.4.2).
const GOOD_FOR: Duration = Duration::from_mins(30);

impl Accounts {
    /// Whether the shop sends mail. Without it, nobody can be sent a link.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.outbox.is_some()
    }

    /// Sends a link to the customer of this address, if there is one: the answer and its time are the same either way
    /// (ASVS 5.0, 6.3.8). An earlier link is void from then on.
    ///
    /// # Errors
    /// `NotFound` where the shop sends no mail, `TooManyAttempts`, or that a store cannot answer.
    pub async fn forgot_password(&self, email: &EmailAddress, client: &Client) -> Result<(), Error> {
        if self.outbox.is_none() {
            return Err(Error::NotFound);
        }
        self.reserve_reset(email, client).await?;
        let Some(found) = self.customers.find_credentials(email).await? else { return Ok(()) };
        let customer = found.customer;
        let mut id = [0; 16];
        self.randomness.fill(&mut id);
        let id = LinkId::from_bytes(id);
        let reset = Reset { hash: id.hash(), expires_at: self.clock.now() + GOOD_FOR };
        let Some(mail) = self.mail(&customer, Letter::ResetPassword(id, client.clone())) else { return Ok(()) };
        // While nobody waits: only somebody who exists is written anything, and the time of an answer must not tell that.
        let (customers, activity) =
            (self.customers.clone(), self.activity(customer.id, Event::ResetAsked, Some(client)));
        let timeline = self.timeline.clone();
        tokio::spawn(async move {
            match customers.allow_reset(customer.id, &reset, &mail).await {
                Ok(()) => super::timeline::record(&*timeline, &activity).await,
                Err(error) => tracing::error!(
                    error = &error as &dyn std::error::Error,
                    customer = %customer.id,
                    "a customer who forgot their password gets no link"
                ),
            }
        });
        Ok(())
    }

    /// Puts a new password in the place of the forgotten one, by the token of a link, which is used up by it. Every
    /// session ends, and every browser becomes strange.
    ///
    /// # Errors
    /// `LinkExpired` for a token that is not good, or no longer; `Invalid`, `TooManyAttempts`, or that something cannot
    /// answer.
    pub async fn reset_password(&self, form: ResetPassword, client: &Client) -> Result<(), Error> {
        let invalid = |error| Err(Error::Invalid(FieldErrors::one(Field::Password, error)));
        if common_passwords::contains(&form.password) {
            return invalid(FieldError::TooCommon);
        }
        let shown = LinkTokens::parse(&form.token).ok_or(Error::LinkExpired)?;
        let customer = self.customers.find(shown.customer).await?.ok_or(Error::LinkExpired)?;
        if !self.link_tokens.made(&shown, LinkPurpose::ResetPassword, &customer.email) {
            return Err(Error::LinkExpired);
        }
        if let Err(error) = form.password.check_personal(Some(&customer.name), Some(&customer.email)) {
            return invalid(error);
        }
        // A link that was used up is still one of ours: nobody may hash passwords and end sessions by it as they like.
        if !self.customers.may_reset(customer.id, shown.id.hash(), self.clock.now()).await? {
            return Err(Error::LinkExpired);
        }
        let password = self.hasher.hash(form.password).await?;

        // Before, so that a store which cannot do it leaves the link good; and after, for whoever logged in meanwhile.
        self.end_everything(customer.id).await?;
        let mail = self.mail(&customer, Letter::PasswordChanged(client.clone()));
        let now = self.clock.now();
        if !self.customers.reset_password(customer.id, shown.id.hash(), &password, now, mail.as_ref()).await? {
            return Err(Error::LinkExpired);
        }
        self.end_everything(customer.id).await?;
        self.record(customer.id, Event::PasswordReset, Some(client)).await;
        tracing::info!(event = "password_reset", customer = %customer.id, "a customer chose a new password by a link");
        Ok(())
    }

    async fn end_everything(&self, customer: CustomerId) -> Result<(), Error> {
        self.browsers.forget_all(customer).await?;
        // No session has this id: they are drawn by chance.
        self.sessions.end_others(customer, SessionId::from_bytes([0; 16])).await?;
        Ok(())
    }
}
