//! Refresh: a session goes on, with new tokens.

use super::{
    Accounts, Client, Error, Identity, RefreshToken, Tokens,
    budgets::refresh_budgets,
    ports::{Rotation, RotationOutcome},
};
use crate::{domain::Event, telemetry::metrics};

impl Accounts {
    /// As [`Self::refresh`], for a client that asks for nothing else: one that keeps bringing tokens that are refused is
    /// told to wait.
    ///
    /// # Errors
    /// As [`Self::refresh`], and `TooManyAttempts`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn refresh_on_request(&self, cookie: &str, client: &Client) -> Result<Tokens, Error> {
        match self.refresh(cookie, client).await {
            Err(Error::Unauthenticated) => {
                self.count_refused_refresh(client).await?;
                Err(Error::Unauthenticated)
            }
            refreshed => refreshed.map(|(_, tokens)| tokens),
        }
    }

    /// Uses a refresh token: the first use rotates it, a repeat within the grace gets the same successor, and a later
    /// one ends the session, since somebody must hold a copy (RFC 9700, 4.14.2).
    ///
    /// # Errors
    /// `Unauthenticated`, or that a store cannot answer; then the token is as good as before.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn refresh(&self, cookie: &str, client: &Client) -> Result<(Identity, Tokens), Error> {
        let presented = self.refresh_tokens.parse(cookie).ok_or(Error::Unauthenticated)?;
        let successor = self.refresh_tokens.successor(&presented).ok_or(Error::Unauthenticated)?;
        let session = presented.session();
        self.limited(refresh_budgets(session), self.rotate(presented, successor, client)).await
    }

    async fn rotate(
        &self,
        presented: RefreshToken,
        successor: RefreshToken,
        client: &Client,
    ) -> Result<(Identity, Tokens), Error> {
        let session = presented.session();
        // Before the token is used up: whatever fails here leaves it good for another try.
        let Some(role) = self.customers.role(session.customer).await? else {
            self.sessions.end(session).await?;
            return Err(Error::Unauthenticated);
        };
        let rotation = Rotation {
            session,
            presented: presented.hash(),
            successor: successor.hash(),
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
                self.record(session.customer, Event::TokenReused, Some(client)).await;
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
