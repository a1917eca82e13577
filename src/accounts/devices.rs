//! Devices: the sessions of a customer, as they see and end them.

use super::{Accounts, Client, Error, Identity, Session, SessionId, SessionKey};
use crate::domain::Event;

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
        self.require_recent_proof(identity).await?;
        let customer = identity.session.customer;
        if !self.sessions.end(SessionKey { customer, id }).await? {
            return Err(Error::NotFound);
        }
        self.record(customer, Event::DeviceSignedOut, Some(client)).await;
        tracing::info!(event = "session_ended", %customer, "a customer ended a session");
        Ok(())
    }

    /// Ends all of the customer's sessions but the one that asks.
    ///
    /// # Errors
    /// `ConfirmationRequired` (ASVS 5.0, 7.5.2), or that the store cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_other_sessions(&self, identity: Identity, client: &Client) -> Result<(), Error> {
        self.require_recent_proof(identity).await?;
        let SessionKey { customer, id } = identity.session;
        let ended = self.sessions.end_others(customer, id).await?.len();
        self.record(customer, Event::OtherDevicesSignedOut, Some(client)).await;
        tracing::info!(event = "other_sessions_ended", %customer, ended, "a customer ended their other sessions");
        Ok(())
    }
}
