//! Authenticate: who a request comes from, by the tokens it carries.

use super::{Accounts, Caller, Error, Identity, Tokens};

/// Who a request comes from.
#[derive(Debug)]
pub enum Authentication {
    /// No token, so nobody in particular.
    Anonymous,
    /// A live access token.
    SignedIn(Identity),
    /// No live access token, but a refresh token that was good: the answer has to carry the new ones.
    Renewed(Identity, Box<Tokens>),
    /// Tokens, but of no live session: the answer has to clear them.
    Ended,
}

impl Accounts {
    /// Finds out who is asking, and renews their tokens where that is due; only then it matters who the `caller` is.
    ///
    /// # Errors
    /// That a store cannot answer. Nothing is known then, so nobody may be let in and nothing may be cleared.
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
