//! Devices: shows and ends the sessions of a customer.

use crate::{
    accounts::{
        core::{
            accounts::Accounts,
            browser::{BrowserCookie, BrowserHash},
            budgets::{revoke_budget, revoke_one_budget},
            error::Error,
        },
        sessions::session::{Client, Identity, Session, SessionId, SessionKey},
    },
    domain::{Customer, Event},
};

impl Accounts {
    /// Returns the customer's sessions, most recently seen first.
    ///
    /// # Errors
    /// If the store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn sessions_of(&self, identity: Identity) -> Result<Vec<Session>, Error> {
        Ok(self.sessions.list(identity.session.customer, self.clock.now()).await?)
    }

    /// Ends one of the customer's sessions. Another device becomes unknown to the account, unless it has other sessions:
    /// a person who found or stole it has no advantage over a stranger then.
    ///
    /// # Errors
    /// `ConfirmationRequired` (ASVS 5.0, 7.5.2), `Unauthenticated`, `TooManyAttempts`, `NotFound` if it has ended or is
    /// another customer's, or an error if a store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_session(&self, identity: Identity, id: SessionId, client: &Client) -> Result<(), Error> {
        let customer = self.recently_proven(identity).await?.id;
        // Limited, as signing out all other devices is.
        self.limited(vec![revoke_one_budget(customer)], self.end_one(identity, id)).await?;
        self.record(customer, Event::DeviceSignedOut, Some(client)).await;
        tracing::info!(event = "session_ended", %customer, "a customer ended a session");
        Ok(())
    }

    async fn end_one(&self, identity: Identity, id: SessionId) -> Result<(), Error> {
        let customer = identity.session.customer;
        let sessions = self.sessions.list(customer, self.clock.now()).await?;
        let (ended, others): (Vec<_>, Vec<_>) = sessions.into_iter().partition(|session| session.key.id == id);
        let browser = ended.first().ok_or(Error::NotFound)?.browser;
        // Before the session ends: if it fails, the customer can try again.
        let is_elsewhere = |browser: &BrowserHash| others.iter().all(|other| other.browser != Some(*browser));
        if let Some(browser) = browser.filter(|browser| id != identity.session.id && is_elsewhere(browser)) {
            self.browsers.forget_one(customer, browser).await?;
        }
        if self.sessions.end(SessionKey { customer, id }).await? { Ok(()) } else { Err(Error::NotFound) }
    }

    /// Ends all of the customer's sessions except the current one, including those that are just being started. A
    /// credential event. Returns the cookie of the current browser, which gets a new id.
    ///
    /// # Errors
    /// `ConfirmationRequired` (ASVS 5.0, 7.5.2), `Unauthenticated`, `TooManyAttempts`, or an error if a store does not
    /// answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_other_sessions(&self, identity: Identity, client: &Client) -> Result<BrowserCookie, Error> {
        let customer = self.recently_proven(identity).await?;
        // Limited, since each call ends logins on other devices that are in progress.
        let browser = self.limited(vec![revoke_budget(customer.id)], self.end_others_of(identity, &customer)).await?;
        self.record(customer.id, Event::OtherDevicesSignedOut, Some(client)).await;
        tracing::info!(event = "other_sessions_ended", customer = %customer.id, "other sessions ended");
        Ok(browser)
    }

    /// Ends the other sessions if the customer is still in the epoch of their proof: what they did elsewhere meanwhile
    /// is not undone.
    async fn end_others_of(&self, identity: Identity, customer: &Customer) -> Result<BrowserCookie, Error> {
        self.end_sessions_before_event(customer, identity.session.id).await?;
        let started = self.customers.start_epoch(customer.id, Some(customer.epoch)).await?;
        Ok(self.keep_session(identity.session, started.ok_or(Error::Unauthenticated)?).await)
    }
}
