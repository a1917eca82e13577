//! Confirm: somebody who is signed in proves anew that it is still them, before something sensitive is done.

use std::time::Duration;

use super::{
    Accounts, Caller, Error, Identity, SessionId, SessionKey, Tokens, ports::Credentials, verify_password::Verification,
};
use crate::domain::{Confirm, Customer, Event, Field, FieldError, FieldErrors, PasswordAttempt};

/// For how long a proof is enough.
const PROOF: Duration = Duration::from_mins(10);

impl Accounts {
    /// Returns true if the customer proved who they are a short while ago. Rotation never renews that proof.
    ///
    /// # Errors
    /// `Unauthenticated` when the session is over, or that the store cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn has_recent_proof(&self, identity: Identity) -> Result<bool, Error> {
        match self.recently_proven(identity).await {
            Ok(_) => Ok(true),
            Err(Error::ConfirmationRequired) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes the password as a new proof, and moves the session to an id of its own (ASVS 5.0, 7.2.4). A session that was
    /// ended while the password was verified is not replaced.
    ///
    /// # Errors
    /// `Invalid` for a wrong password, `TooManyAttempts`, `Unauthenticated`, or that something cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn confirm(&self, identity: Identity, form: Confirm, caller: Caller) -> Result<Tokens, Error> {
        let Credentials { customer, .. } = self.prove(identity, form.current, &caller).await?;
        let tokens = self.start_session(&customer, &caller, self.clock.now()).await?;
        let new = tokens.refresh.session();
        // While the session lives: its end voids the change that it asked for.
        self.hand_over_change(identity.session, new.id).await;
        self.replace_session(identity.session, new).await?;
        self.record_proof(&customer, Event::Confirmed, &caller, &tokens).await;
        tracing::info!(event = "confirmed", customer = %customer.id, "identity confirmed");
        Ok(tokens)
    }

    /// Has an email change that the old session asked for belong to the one that replaces it.
    async fn hand_over_change(&self, old: SessionKey, new: SessionId) {
        if let Err(error) = self.customers.hand_over_change(old.customer, old.id, new).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "pending email change not kept for the new session"
            );
        }
    }

    /// The customer who is signed in, if their proof is recent and no credential event came after it. The customer is read
    /// last, and never from memory where several instances share a store: an event that comes in between is seen.
    pub(super) async fn recently_proven(&self, identity: Identity) -> Result<Customer, Error> {
        let now = self.clock.now();
        let session = self.sessions.find(identity.session, now).await?.ok_or(Error::Unauthenticated)?;
        let customer = self.profile(identity).await?;
        if session.epoch < customer.epoch {
            return Err(Error::Unauthenticated);
        }
        if now >= session.authenticated_at + PROOF {
            return Err(Error::ConfirmationRequired);
        }
        Ok(customer)
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
