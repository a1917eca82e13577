//! Reset password: a person who can read a customer's mail chooses a new password. This does not sign them in.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::{
    accounts::{
        core::{
            accounts::Accounts,
            browser::{BrowserCookie, BrowserId, Caller},
            budgets::{link_budget, mails::reset_budgets},
            credential_event,
            error::Error,
            link_token::{LinkId, LinkPurpose, LinkTokens},
        },
        mail::message::MailKind,
        ports::{PasswordHash, Reset},
        sessions::session::{Client, SessionId},
    },
    domain::{Customer, EmailAddress, Event, Password, ResetPassword},
};

/// How long a link is valid (ASVS 5.0, 6.4.2).
const GOOD_FOR: Duration = Duration::from_mins(30);

impl Accounts {
    /// Returns true if the shop sends mail. Without it, no links can be sent.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.outbox.is_some()
    }

    /// Sends a link to the customer with this address, if there is one. The response and its time are the same either
    /// way (ASVS 5.0, 6.3.8). Voids an earlier link.
    ///
    /// # Errors
    /// `NotFound` if the shop sends no mail, `TooManyAttempts`, or an error if a store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn forgot_password(&self, email: &EmailAddress, caller: &Caller) -> Result<(), Error> {
        if self.outbox.is_none() {
            return Err(Error::NotFound);
        }
        let customer = self.customers.find_by_email(email).await?;
        let browser_is_known = self.knows_browser(customer.as_ref(), caller).await?;
        let budgets = reset_budgets(email, &caller.client, caller.browser.filter(|_| browser_is_known));
        self.limited(budgets, async { Ok(()) }).await?;
        let id = customer.as_ref().map(|customer| customer.id.to_string());
        tracing::info!(event = "reset_asked", customer = id, "a link to reset a password was asked for");
        if let Some(customer) = &customer {
            self.send_reset(customer, &caller.client);
        }
        Ok(())
    }

    /// Sends a reset link in the background: only customers get mail, and the response time must not reveal that.
    fn send_reset(&self, customer: &Customer, client: &Client) {
        let (link, reset) = self.new_reset();
        let Some(mail) = self.mail(customer, MailKind::ResetPassword(link, client.clone())) else { return };
        let (customers, timeline, id) = (self.customers.clone(), self.timeline.clone(), customer.id);
        let activity = self.activity(id, Event::ResetAsked, Some(client));
        self.background.spawn(async move {
            match customers.allow_reset(id, &reset, &mail).await {
                Ok(()) => crate::accounts::core::timeline::record(&*timeline, &activity).await,
                Err(error) => tracing::error!(
                    error = &error as &dyn std::error::Error,
                    customer = %id,
                    "a customer who forgot their password gets no link"
                ),
            }
        });
    }

    /// Sets a new password with the token of a link, and uses the link up. Ends every session. Signs no one in, but
    /// makes the browser known to the customer, and returns its cookie: none if `refresh`, the refresh token that the
    /// browser sent, is of another customer's session. That customer's browser must stay known.
    ///
    /// # Errors
    /// `LinkExpired` for a token that is invalid or was used, `Invalid` for a weak password, `TooManyAttempts`, or an
    /// error if a store or the password hasher does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn reset_password(
        &self,
        form: ResetPassword,
        refresh: Option<&str>,
        client: &Client,
    ) -> Result<Option<BrowserCookie>, Error> {
        let (customer, link) = self.customer_of_link(&form.token, LinkPurpose::ResetPassword).await?;
        self.check_chosen(&form.password, &customer.name, &customer.email)?;
        // A link that was used up is still authentic. It must not be a way to hash passwords and end sessions at will.
        if !self.customers.may_reset(customer.id, link.hash(), self.clock.now()).await? {
            return Err(Error::LinkExpired);
        }
        let session = refresh.and_then(|token| self.refresh_tokens.parse(token)).map(|token| token.session());
        let is_anothers = session.is_some_and(|session| session.customer != customer.id);
        let browser = (!is_anothers).then(|| BrowserId::draw(&*self.randomness));
        self.limited(vec![link_budget(&customer)], self.set_password(customer, link, form.password, browser, client))
            .await?;
        Ok(browser.map(|browser| self.browser_cookie(browser)))
    }

    async fn set_password(
        &self,
        customer: Customer,
        link: LinkId,
        password: Password,
        browser: Option<BrowserId>,
        client: &Client,
    ) -> Result<(), Error> {
        let password = self.hasher.hash(password).await?;

        self.end_sessions_before_event(&customer, SessionId::NONE).await?;
        let mail = self.mail(&customer, MailKind::PasswordChanged(client.clone()));
        let (id, now) = (customer.id, self.clock.now());
        let reset = self.customers.reset_password(id, link.hash(), &password, now, mail.as_ref()).await?;
        let epoch = reset.ok_or(Error::LinkExpired)?;
        self.end_sessions_after_event(credential_event::Event { customer: id, epoch, kept: None }).await;
        if let Some(browser) = browser {
            self.remember(id, epoch, browser).await;
        }
        self.record(id, Event::PasswordReset, Some(client)).await;
        tracing::info!(event = "password_reset", customer = %id, "password reset by a link");
        Ok(())
    }

    /// Returns a link to choose a new password, and the reset to allow with it.
    pub(in crate::accounts) fn new_reset(&self) -> (LinkId, Reset) {
        let link = LinkId::draw(&*self.randomness);
        (link, Reset { hash: link.hash(), expires_at: self.clock.now() + GOOD_FOR })
    }

    /// Returns the customer and the id of a link that this system made for this purpose, in a mail to the address that
    /// they still have.
    ///
    /// # Errors
    /// `LinkExpired`, or an error if the store does not answer.
    pub(in crate::accounts) async fn customer_of_link(
        &self,
        token: &str,
        purpose: LinkPurpose,
    ) -> Result<(Customer, LinkId), Error> {
        let shown = LinkTokens::parse(token).ok_or(Error::LinkExpired)?;
        let customer = self.customers.find(shown.customer).await?.ok_or(Error::LinkExpired)?;
        let is_ours = self.link_tokens.made(&shown, purpose, &customer.email);
        is_ours.then_some((customer, shown.id)).ok_or(Error::LinkExpired)
    }

    /// Returns the hash of a random password that no one knows.
    pub(in crate::accounts) async fn hash_of_unknown_password(&self) -> Result<PasswordHash, Error> {
        let mut random = Zeroizing::new([0; 32]);
        self.randomness.fill(random.as_mut_slice());
        let password = Password::parse(&Zeroizing::new(URL_SAFE_NO_PAD.encode(*random)))
            .unwrap_or_else(|_| unreachable!("43 letters and digits are a password"));
        Ok(self.hasher.hash(password).await?)
    }
}
