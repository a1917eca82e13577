//! Refresh: continues a session with new tokens.

use crate::{
    accounts::{
        core::{
            accounts::Accounts,
            browser::{BrowserId, Caller},
            budgets::refresh_budgets,
            error::Error,
            network::Network,
        },
        ports::{Rotation, RotationOutcome, Standing},
        sessions::{
            refresh_token::RefreshToken,
            session::{Identity, Tokens},
        },
    },
    domain::Event,
    telemetry::metrics,
};

impl Accounts {
    /// Does the same as [`Self::refresh`], for a request that does nothing else: a client that keeps sending refused
    /// tokens is told to wait.
    ///
    /// # Errors
    /// Those of [`Self::refresh`], and `TooManyAttempts` after too many refused tokens.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn refresh_on_request(&self, cookie: &str, caller: &Caller) -> Result<Tokens, Error> {
        match self.refresh(cookie, caller).await {
            Err(Error::Unauthenticated) => {
                self.count_refused_refresh(&caller.client).await?;
                Err(Error::Unauthenticated)
            }
            refreshed => refreshed.map(|(_, tokens)| tokens),
        }
    }

    /// Uses a refresh token. The first use rotates it, and a repeat within the grace period returns the same successor.
    /// So does a later repeat by the session's own browser in the same network, if the successor was never used: the
    /// response to the first use was lost. Any other repeat ends the session, since another party must have a copy (RFC
    /// 9700, 4.14.2).
    ///
    /// # Errors
    /// `Unauthenticated`, `TooManyAttempts`, or an error if a store does not answer. Then the token stays as valid as
    /// before.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn refresh(&self, cookie: &str, caller: &Caller) -> Result<(Identity, Tokens), Error> {
        let presented = self.refresh_tokens.parse(cookie).ok_or(Error::Unauthenticated)?;
        let successor = self.refresh_tokens.successor(&presented).ok_or(Error::Unauthenticated)?;
        let session = presented.session();
        // Before the attempt is counted, which is a write: a browser that does not know that its session has ended, or
        // a thief, must not cost more than a signed-in customer.
        if !self.sessions.is_live(session, self.clock.now()).await? {
            // So that a clock that is set back does not revive one that has expired.
            self.end_old(session).await;
            metrics::refresh(metrics::Refresh::Gone);
            return Err(Error::Unauthenticated);
        }
        self.limited(refresh_budgets(session), self.rotate(presented, successor, caller)).await
    }

    async fn rotate(
        &self,
        presented: RefreshToken,
        successor: RefreshToken,
        caller: &Caller,
    ) -> Result<(Identity, Tokens), Error> {
        let session = presented.session();
        // Before the token is used up: if this fails, the token is still valid for a retry.
        let Some(Standing { role, epoch }) = self.customers.standing(session.customer).await? else {
            self.sessions.end(session).await?;
            return Err(Error::Unauthenticated);
        };
        let rotation = Rotation {
            session,
            presented: presented.hash(),
            successor: successor.hash(),
            epoch,
            browser: caller.browser.map(BrowserId::hash),
            network: Network::of(caller.client.address),
            now: self.clock.now(),
            grace: self.lifetimes.refresh_grace,
            idle: self.lifetimes.session_idle,
        };
        let outcome = self.sessions.rotate(&rotation).await?;
        metrics::refresh(match outcome {
            RotationOutcome::Rotated { .. } => metrics::Refresh::Rotated,
            RotationOutcome::Repeated { .. } => metrics::Refresh::Repeated,
            RotationOutcome::Reused => metrics::Refresh::Reused,
            RotationOutcome::Gone => metrics::Refresh::Gone,
        });
        match outcome {
            RotationOutcome::Rotated { expires_at } | RotationOutcome::Repeated { expires_at } => {
                let identity = Identity { session, role };
                Ok((identity, self.tokens(identity, successor, expires_at)?))
            }
            RotationOutcome::Reused => {
                self.record(session.customer, Event::TokenReused, Some(&caller.client)).await;
                tracing::warn!(
                    event = "refresh_token_reused",
                    customer = %session.customer,
                    "a used refresh token came back; its session was ended"
                );
                Err(Error::Unauthenticated)
            }
            RotationOutcome::Gone => Err(Error::Unauthenticated),
        }
    }
}
