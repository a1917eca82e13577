//! Log out: ends the session, for this device and for anyone else who has its tokens.

use crate::{
    accounts::{
        core::{accounts::Accounts, error::Error},
        sessions::session::Client,
    },
    domain::Event,
};

impl Accounts {
    /// Ends the session that either token names. Tokens that are expired, forged or missing change nothing, and are not
    /// an error: the caller is logged out already.
    ///
    /// # Errors
    /// If the store does not answer. Then the session may still be live.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn log_out(&self, access: Option<&str>, refresh: Option<&str>, client: &Client) -> Result<(), Error> {
        let by_refresh = refresh.and_then(|token| self.refresh_tokens.parse(token)).map(|token| token.session());
        let by_access = access
            .and_then(|token| self.access_tokens.verify(token, self.clock.now()))
            .map(|claims| claims.identity.session);
        for session in [by_refresh, by_access.filter(|session| Some(*session) != by_refresh)].into_iter().flatten() {
            if self.sessions.end(session).await? {
                self.record(session.customer, Event::LoggedOut, Some(client)).await;
            }
            tracing::info!(event = "logged_out", customer = %session.customer, "a customer logged out");
        }
        Ok(())
    }
}
