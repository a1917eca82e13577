//! Confirm: somebody who is signed in proves anew that it is still them, before something sensitive is done.

use std::time::Duration;

use super::{Accounts, Caller, Error, Identity, Tokens, ports::Credentials, verify_password::Verification};
use crate::domain::{Confirm, Event, Field, FieldError, FieldErrors, PasswordAttempt};

/// For how long a proof is enough.
const PROOF: Duration = Duration::from_mins(10);

impl Accounts {
    /// Whether the customer proved who they are a short while ago. Rotation never renews that proof.
    ///
    /// # Errors
    /// `Unauthenticated` when the session is over, or that the store cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn has_recent_proof(&self, identity: Identity) -> Result<bool, Error> {
        let now = self.clock.now();
        let session = self.sessions.find(identity.session, now).await?.ok_or(Error::Unauthenticated)?;
        Ok(now < session.authenticated_at + PROOF)
    }

    /// Takes the password as a new proof, and moves the session to an id of its own (ASVS 5.0, 7.2.4).
    ///
    /// # Errors
    /// `Invalid` for a wrong password, `TooManyAttempts`, `Unauthenticated`, or that something cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn confirm(&self, identity: Identity, form: Confirm, caller: Caller) -> Result<Tokens, Error> {
        let found = self.prove(identity, form.current, &caller).await?;
        let tokens = self.start_session(&found.customer, &caller, self.clock.now()).await?;
        self.record_proof(found.customer.id, Event::Confirmed, &caller, &tokens).await;
        self.sessions.end(identity.session).await?;
        tracing::info!(event = "confirmed", customer = %found.customer.id, "a customer confirmed who they are");
        Ok(tokens)
    }

    pub(super) async fn require_recent_proof(&self, identity: Identity) -> Result<(), Error> {
        if self.has_recent_proof(identity).await? { Ok(()) } else { Err(Error::ConfirmationRequired) }
    }

    /// Whether the password is the one of the customer who is signed in. Wrong ones are limited for each session: a stolen
    /// session must not become a way to guess (ASVS 5.0, 6.3.1).
    pub(super) async fn prove(
        &self,
        identity: Identity,
        password: PasswordAttempt,
        caller: &Caller,
    ) -> Result<Credentials, Error> {
        let customer = self.profile(identity).await?;
        match self.verify_proof(identity.session, &customer.email, password, caller).await? {
            Verification::Right(verified) => Ok(verified.credentials),
            // Signed in while the shop did not ask for verified addresses; now it does.
            Verification::Unverified(_) => Err(Error::Unauthenticated),
            Verification::Wrong(_) => {
                tracing::info!(event = "proof_failed", customer = %customer.id, "a confirmation failed");
                Err(Error::Invalid(FieldErrors::one(Field::CurrentPassword, FieldError::Wrong)))
            }
        }
    }
}
