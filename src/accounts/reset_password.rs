//! Reset password: whoever can read a customer's mail may choose a new password, and is not signed in by it.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{
    Accounts, Client, Error, Letter, LinkId, LinkPurpose, LinkTokens, SessionId,
    ports::{PasswordHash, Reset},
};
use crate::domain::{Customer, CustomerId, EmailAddress, Event, Password, ResetPassword};

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
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn forgot_password(&self, email: &EmailAddress, client: &Client) -> Result<(), Error> {
        if self.outbox.is_none() {
            return Err(Error::NotFound);
        }
        self.reserve_reset(email, client).await?;
        let Some(customer) = self.customers.find_by_email(email).await? else { return Ok(()) };
        let (link, reset) = self.new_reset();
        let Some(mail) = self.mail(&customer, Letter::ResetPassword(link, client.clone())) else { return Ok(()) };
        // While nobody waits: only somebody who exists is written anything, and the time of an answer must not tell that.
        let (customers, activity) =
            (self.customers.clone(), self.activity(customer.id, Event::ResetAsked, Some(client)));
        let timeline = self.timeline.clone();
        self.background.spawn(async move {
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
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn reset_password(&self, form: ResetPassword, client: &Client) -> Result<(), Error> {
        let (customer, link) = self.customer_of_link(&form.token, LinkPurpose::ResetPassword).await?;
        self.check_chosen(&form.password, &customer.name, &customer.email)?;
        // A link that was used up is still one of ours: nobody may hash passwords and end sessions by it as they like.
        if !self.customers.may_reset(customer.id, link.hash(), self.clock.now()).await? {
            return Err(Error::LinkExpired);
        }
        let password = self.hasher.hash(form.password).await?;

        // Before, so that a store which cannot do it leaves the link good; and after, for whoever logged in meanwhile.
        self.end_everything(customer.id).await?;
        let mail = self.mail(&customer, Letter::PasswordChanged(client.clone()));
        let now = self.clock.now();
        if !self.customers.reset_password(customer.id, link.hash(), &password, now, mail.as_ref()).await? {
            return Err(Error::LinkExpired);
        }
        self.end_everything(customer.id).await?;
        self.record(customer.id, Event::PasswordReset, Some(client)).await;
        tracing::info!(event = "password_reset", customer = %customer.id, "a customer chose a new password by a link");
        Ok(())
    }

    /// A link to choose a new password, and what is to be allowed by it.
    pub(super) fn new_reset(&self) -> (LinkId, Reset) {
        let link = LinkId::draw(&*self.randomness);
        (link, Reset { hash: link.hash(), expires_at: self.clock.now() + GOOD_FOR })
    }

    /// Whose link it is: one that this system made, for this purpose, in a mail to the address that they still have.
    ///
    /// # Errors
    /// `LinkExpired`, or that the store cannot answer.
    pub(super) async fn customer_of_link(
        &self,
        token: &str,
        purpose: LinkPurpose,
    ) -> Result<(Customer, LinkId), Error> {
        let shown = LinkTokens::parse(token).ok_or(Error::LinkExpired)?;
        let customer = self.customers.find(shown.customer).await?.ok_or(Error::LinkExpired)?;
        let is_ours = self.link_tokens.made(&shown, purpose, &customer.email);
        is_ours.then_some((customer, shown.id)).ok_or(Error::LinkExpired)
    }

    /// The hash of a password that nobody knows.
    pub(super) async fn password_of_nobody(&self) -> Result<PasswordHash, Error> {
        let mut random = Zeroizing::new([0; 32]);
        self.randomness.fill(random.as_mut_slice());
        let password = Password::parse(&Zeroizing::new(URL_SAFE_NO_PAD.encode(*random)))
            .unwrap_or_else(|_| unreachable!("43 letters and digits are a password"));
        Ok(self.hasher.hash(password).await?)
    }

    /// Ends every session, and has every browser strange.
    ///
    /// # Errors
    /// That a store cannot answer.
    pub(super) async fn end_everything(&self, customer: CustomerId) -> Result<(), Error> {
        self.end_all_but(customer, SessionId::NONE).await
    }

    /// Ends every session but this one, and has every browser strange.
    ///
    /// # Errors
    /// That a store cannot answer.
    pub(super) async fn end_all_but(&self, customer: CustomerId, kept: SessionId) -> Result<(), Error> {
        self.browsers.forget_all(customer).await?;
        self.sessions.end_others(customer, kept).await?;
        Ok(())
    }
}
