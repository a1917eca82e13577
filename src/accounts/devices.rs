//! Devices: the sessions of a customer, as they see and end them.

use super::{Accounts, BrowserCookie, Client, Error, Identity, Session, SessionId, SessionKey, budgets::revoke_budget};
use crate::domain::{Customer, Event};

impl Accounts {
    /// The customer's sessions, the one that was seen last first.
    ///
    /// # Errors
    /// That the store cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn sessions_of(&self, identity: Identity) -> Result<Vec<Session>, Error> {
        Ok(self.sessions.list(identity.session.customer, self.clock.now()).await?)
    }

    /// Ends one of the customer's sessions.
    ///
    /// # Errors
    /// `ConfirmationRequired` (ASVS 5.0, 7.5.2), `NotFound` when it is over or somebody else's, or that the store
    /// cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_session(&self, identity: Identity, id: SessionId, client: &Client) -> Result<(), Error> {
        self.recently_proven(identity).await?;
        let customer = identity.session.customer;
        if !self.sessions.end(SessionKey { customer, id }).await? {
            return Err(Error::NotFound);
        }
        self.record(customer, Event::DeviceSignedOut, Some(client)).await;
        tracing::info!(event = "session_ended", %customer, "a customer ended a session");
        Ok(())
    }

    /// Ends all of the customer's sessions but the one that asks, those that are being started at this moment included: a
    /// credential event. Returns the cookie of the browser that asks, which gets a new id.
    ///
    /// # Errors
    /// `ConfirmationRequired` (ASVS 5.0, 7.5.2), `Unauthenticated`, or that a store cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_other_sessions(&self, identity: Identity, client: &Client) -> Result<BrowserCookie, Error> {
        let customer = self.recently_proven(identity).await?;
        // Each call ends the logins of others that are in flight.
        let browser = self.limited(vec![revoke_budget(customer.id)], self.end_others_of(identity, &customer)).await?;
        self.record(customer.id, Event::OtherDevicesSignedOut, Some(client)).await;
        tracing::info!(event = "other_sessions_ended", customer = %customer.id, "other sessions ended");
        Ok(browser)
    }

    /// In the epoch of the proof: what the customer did elsewhere in the meantime is not undone.
    async fn end_others_of(&self, identity: Identity, customer: &Customer) -> Result<BrowserCookie, Error> {
        self.end_sessions_before_event(customer, identity.session.id).await?;
        let started = self.customers.start_epoch(customer.id, Some(customer.epoch)).await?;
        Ok(self.keep_session(identity.session, started.ok_or(Error::Unauthenticated)?).await)
    }
}
