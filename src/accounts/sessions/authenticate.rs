//! Authenticates a request by its tokens.

use crate::accounts::{
    core::{accounts::Accounts, browser::Caller, error::Error},
    sessions::session::{Identity, Tokens},
};

/// The result of authenticating a request.
#[derive(Debug)]
pub enum Authentication {
    /// The request has no token.
    Anonymous,
    /// The access token is valid, and its session is live.
    SignedIn(Identity),
    /// The access token is missing or invalid, but the refresh token is valid. The response must set the new tokens.
    Renewed(Identity, Box<Tokens>),
    /// There are tokens, but no live session. The response must clear them.
    Ended,
}

impl Accounts {
    /// Authenticates a request, and refreshes its tokens if the access token is not valid. Calls `caller` only for a
    /// refresh.
    ///
    /// # Errors
    /// `TooManyAttempts`, or an error if a store does not answer. Then nothing is known: the caller must not be let in,
    /// and the tokens must not be cleared.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn authenticate(
        &self,
        access: Option<&str>,
        refresh: Option<&str>,
        caller: impl FnOnce() -> Caller,
    ) -> Result<Authentication, Error> {
        let now = self.clock.now();
        if let Some(claims) = access.and_then(|token| self.access_tokens.verify(token, now))
            && self.sessions.is_live(claims.identity.session, now).await?
        {
            self.note_sighting(claims.identity.session, now).await;
            return Ok(Authentication::SignedIn(claims.identity));
        }
        match refresh {
            Some(token) => match self.refresh(token, &caller()).await {
                Ok((identity, tokens)) => Ok(Authentication::Renewed(identity, Box::new(tokens))),
                Err(Error::Unauthenticated) => Ok(Authentication::Ended),
                Err(error) => Err(error),
            },
            None if access.is_some() => Ok(Authentication::Ended),
            None => Ok(Authentication::Anonymous),
        }
    }
}
