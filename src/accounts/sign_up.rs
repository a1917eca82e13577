//! Sign up: somebody becomes a customer, and is signed in.

use super::{
    Accounts, Caller, Error, Tokens, common_passwords,
    ports::{CreateCustomerError, Credentials},
};
use crate::domain::{Customer, CustomerId, Event, Field, FieldError, FieldErrors, Role, SignUp};

impl Accounts {
    /// Makes an account and starts its first session.
    ///
    /// The session is written first: a session without a customer opens nothing and expires by itself, while a
    /// customer without an answer would find their address taken when they try again.
    ///
    /// # Errors
    /// `Invalid` for a common password, `EmailTaken`, `TooManyAttempts`, or that something cannot answer; then there
    /// is no account.
    pub async fn sign_up(
        &self,
        form: SignUp,
        caller: Caller,
        replaced: Option<&str>,
    ) -> Result<(Customer, Tokens), Error> {
        if common_passwords::contains(&form.password) {
            return Err(Error::Invalid(FieldErrors::one(Field::Password, FieldError::TooCommon)));
        }
        self.reserve_sign_up(&caller.client).await?;
        let password = self.hasher.hash(form.password).await?;

        let now = self.clock.now();
        let mut random = [0; 8];
        self.randomness.fill(&mut random);
        let customer = Customer {
            id: CustomerId::new(now, random),
            name: form.name,
            email: form.email,
            role: Role::default(),
            created_at: now,
            updated_at: now,
        };
        let tokens = self.start_session(&customer, &caller).await?;
        let new = Credentials { customer, password };
        if let Err(error) = self.customers.create(&new).await {
            // Best effort: what is left behind is a session of nobody.
            let _ = self.sessions.end(tokens.refresh.session()).await;
            return Err(match error {
                CreateCustomerError::EmailTaken => Error::EmailTaken,
                CreateCustomerError::Store(error) => error.into(),
            });
        }
        self.end_replaced(replaced).await;
        self.record_proof(new.customer.id, Event::SignedUp, &caller, &tokens).await;
        tracing::info!(event = "signed_up", customer = %new.customer.id, "a customer signed up");
        Ok((new.customer, tokens))
    }
}
