//! Back office: the shop looks after the accounts of its customers, by the hand of an operator.

use std::{sync::Arc, time::Duration};

use super::{
    Activity, Error, Session, SessionId, chosen_password,
    ports::{Clock, Credentials, Customers, PasswordHasher, Randomness, Sessions, Timeline},
    sign_up, timeline,
};
use crate::domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Event, Role, SignUp};

/// How an operator names a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    Id(CustomerId),
    Email(EmailAddress),
}

impl Whom {
    /// Reads an id or an address; `None` for what is neither. No text is both.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = CustomerId::parse(text).map(Self::Id);
        id.ok().or_else(|| EmailAddress::parse(text).map(Self::Email).ok())
    }
}

/// Looks after the accounts in the stores.
pub struct BackOffice {
    pub customers: Arc<dyn Customers>,
    pub sessions: Arc<dyn Sessions>,
    pub timeline: Arc<dyn Timeline>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub clock: Arc<dyn Clock>,
    pub randomness: Arc<dyn Randomness>,
    /// How long what happened to an account is kept.
    pub retention: Duration,
    /// What the shop is called: no password may lean on it.
    pub shop: String,
}

impl BackOffice {
    /// Makes an account with a role. The address counts as verified: the shop knows whose it is.
    ///
    /// # Errors
    /// `Invalid` for a common password, `EmailTaken`, or that something cannot answer; then there is no account.
    pub async fn create(&self, form: SignUp, role: Role) -> Result<Customer, Error> {
        let SignUp { name, email, password } = form;
        chosen_password::check(&password, &name, &email, &self.shop)?;
        let password = self.hasher.hash(password).await?;
        let customer = sign_up::new_customer(name, email, &*self.clock, &*self.randomness);
        let new = Credentials { customer: Customer { verified: true, role, ..customer }, password };
        self.customers.create(&new, None, None).await?;
        let customer = new.customer;
        self.record(customer.id, Event::AccountMade).await;
        tracing::info!(event = "account_made", customer = %customer.id, "an operator made an account");
        Ok(customer)
    }

    /// The customer of this id or address.
    ///
    /// # Errors
    /// `NotFound`, or that the store cannot answer.
    pub async fn find(&self, whom: &Whom) -> Result<Customer, Error> {
        let found = match whom {
            Whom::Id(id) => self.customers.find(*id).await?,
            Whom::Email(email) => self.customers.find_by_email(email).await?,
        };
        found.ok_or(Error::NotFound)
    }

    /// The first `most` customers after this one, or of all, by their ids.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn list(&self, after: Option<CustomerId>, most: usize) -> Result<Vec<Customer>, Error> {
        Ok(self.customers.list(after, most).await?)
    }

    /// Keeps the customer out: every session ends, and none begins.
    ///
    /// # Errors
    /// `NotFound`, or that a store cannot answer. The customer may be disabled all the same, with sessions left; disabling
    /// them again does no harm.
    pub async fn disable(&self, whom: &Whom) -> Result<Customer, Error> {
        let id = self.set_disabled(whom, true).await?;
        // After, so that no session begins behind its back.
        let ended = self.sessions.end_others(id, SessionId::NONE, CredentialEpoch::MAX).await?.len();
        self.record(id, Event::AccountDisabled).await;
        tracing::info!(event = "account_disabled", customer = %id, ended, "an operator disabled a customer");
        self.find(&Whom::Id(id)).await
    }

    /// Lets the customer in again, once they log in.
    ///
    /// # Errors
    /// `NotFound`, or that the store cannot answer.
    pub async fn enable(&self, whom: &Whom) -> Result<Customer, Error> {
        let id = self.set_disabled(whom, false).await?;
        self.record(id, Event::AccountEnabled).await;
        tracing::info!(event = "account_enabled", customer = %id, "an operator enabled a customer");
        self.find(&Whom::Id(id)).await
    }

    /// Changes what the customer may do. An access token that they have already says so after its next refresh.
    ///
    /// # Errors
    /// `NotFound`, or that the store cannot answer.
    pub async fn set_role(&self, whom: &Whom, role: Role) -> Result<Customer, Error> {
        let id = self.find(whom).await?.id;
        if !self.customers.set_role(id, role, self.clock.now()).await? {
            return Err(Error::NotFound);
        }
        self.record(id, Event::RoleChanged).await;
        tracing::info!(event = "role_changed", customer = %id, role = role.as_str(), "an operator changed a role");
        self.find(&Whom::Id(id)).await
    }

    /// The customer's sessions, the one that was seen last first.
    ///
    /// # Errors
    /// `NotFound`, or that a store cannot answer.
    pub async fn sessions(&self, whom: &Whom) -> Result<Vec<Session>, Error> {
        let id = self.find(whom).await?.id;
        Ok(self.sessions.list(id, self.clock.now()).await?)
    }

    /// Ends all of the customer's sessions, and says how many there were.
    ///
    /// # Errors
    /// `NotFound`, or that a store cannot answer.
    pub async fn end_sessions(&self, whom: &Whom) -> Result<usize, Error> {
        let id = self.find(whom).await?.id;
        self.customers.start_epoch(id, None).await?.ok_or(Error::NotFound)?;
        // Whatever epoch they say: a restored backup of the customers can be behind the sessions.
        let ended = self.sessions.end_others(id, SessionId::NONE, CredentialEpoch::MAX).await?.len();
        self.record(id, Event::SignedOutByShop).await;
        tracing::info!(event = "sessions_ended", customer = %id, ended, "an operator ended a customer's sessions");
        Ok(ended)
    }

    async fn set_disabled(&self, whom: &Whom, disabled: bool) -> Result<CustomerId, Error> {
        let id = self.find(whom).await?.id;
        let is_there = self.customers.set_disabled(id, disabled, self.clock.now()).await?;
        is_there.then_some(id).ok_or(Error::NotFound)
    }

    async fn record(&self, customer: CustomerId, event: Event) {
        let at = self.clock.now();
        let activity = Activity { customer, event, at, count: 1, client: None, expires_at: at + self.retention };
        timeline::record(&*self.timeline, &activity).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_named_by_id_or_by_address() {
        let id = "65fe190c0123456789abcdef";
        assert_eq!(Whom::parse(id), Some(Whom::Id(CustomerId::parse(id).unwrap())));
        assert_eq!(Whom::parse("Ada@X.test"), Some(Whom::Email(EmailAddress::parse("ada@x.test").unwrap())));
        for text in ["", "ada", "65fe190c", "a@b@x.test"] {
            assert_eq!(Whom::parse(text), None, "{text}");
        }
    }
}
