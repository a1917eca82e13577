//! Confirm: a signed-in customer proves their identity again before a sensitive action.

use std::time::Duration;

use crate::{
    accounts::{
        core::{accounts::Accounts, browser::Caller, error::Error},
        passwords::verify_password::Verification,
        ports::Credentials,
        sessions::session::{Identity, SessionId, SessionKey, Tokens},
    },
    domain::{Confirm, Customer, Event, Field, FieldError, FieldErrors, PasswordAttempt},
};

/// How long a proof is valid.
const PROOF: Duration = Duration::from_mins(10);

impl Accounts {
    /// Returns true if the customer proved their identity recently. Rotation never renews the proof.
    ///
    /// # Errors
    /// `Unauthenticated` if the session has ended, or an error if a store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn has_recent_proof(&self, identity: Identity) -> Result<bool, Error> {
        match self.recently_proven(identity).await {
            Ok(_) => Ok(true),
            Err(Error::ConfirmationRequired) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Accepts the password as a new proof, and moves the session to a new id (ASVS 5.0, 7.2.4). A session that was
    /// ended while the password was verified is not replaced.
    ///
    /// # Errors
    /// `Invalid` for a wrong password, `TooManyAttempts`, `Unauthenticated`, or an error if a store or the password
    /// hasher does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn confirm(&self, identity: Identity, form: Confirm, caller: Caller) -> Result<Tokens, Error> {
        let Credentials { customer, .. } = self.prove(identity, form.current, &caller).await?;
        let tokens = self.start_session(&customer, &caller, self.clock.now()).await?;
        let new = tokens.refresh.session();
        // While the old session lives: its end voids the change that it requested.
        self.hand_over_change(identity.session, new.id).await;
        self.replace_session(identity.session, new).await?;
        self.record_proof(&customer, Event::Confirmed, &caller, &tokens).await;
        tracing::info!(event = "confirmed", customer = %customer.id, "identity confirmed");
        Ok(tokens)
    }

    /// Moves an email change that the old session requested to its replacement. A failure is only logged.
    async fn hand_over_change(&self, old: SessionKey, new: SessionId) {
        if let Err(error) = self.customers.hand_over_change(old.customer, old.id, new).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "pending email change not kept for the new session"
            );
        }
    }

    /// Returns the signed-in customer, if their proof is recent and no credential event followed it. Reads the customer
    /// last, and not from a cache if several instances share a store, so that an event in between is seen.
    pub(in crate::accounts) async fn recently_proven(&self, identity: Identity) -> Result<Customer, Error> {
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

    /// Verifies the password of the signed-in customer. Wrong passwords are limited per session: a stolen session must
    /// not become a way to guess the password (ASVS 5.0, 6.3.1).
    pub(in crate::accounts) async fn prove(
        &self,
        identity: Identity,
        password: PasswordAttempt,
        caller: &Caller,
    ) -> Result<Credentials, Error> {
        let customer = self.profile(identity).await?;
        match self.verify_proof(identity.session, &customer.email, password, caller).await? {
            Verification::Right(verified) => Ok(verified.credentials),
            Verification::Wrong(_) => {
                tracing::info!(event = "proof_failed", customer = %customer.id, "a confirmation failed");
                Err(Error::Invalid(FieldErrors::one(Field::CurrentPassword, FieldError::Wrong)))
            }
        }
    }
}
