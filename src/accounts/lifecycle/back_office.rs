//! Back office: operations on customer accounts, for the shop's operators.

use std::ops::Deref;

use crate::{
    accounts::{
        core::{accounts::Core, error::Error},
        ports::Credentials,
        sessions::session::{Session, SessionId},
    },
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Event, Role, SignUp},
};

/// How an operator refers to a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    Id(CustomerId),
    Email(EmailAddress),
}

impl Whom {
    /// Parses an id or an address. Returns `None` for anything else. No text is both.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = CustomerId::parse(text).map(Self::Id);
        id.ok().or_else(|| EmailAddress::parse(text).map(Self::Email).ok())
    }
}

/// The operations on customer accounts.
pub struct BackOffice(pub Core);

impl Deref for BackOffice {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.0
    }
}

impl BackOffice {
    /// Creates an account with a role. The address counts as verified, since the shop knows the customer.
    ///
    /// # Errors
    /// `Invalid` for a weak password, `EmailTaken`, or an error if a store or the password hasher does not answer. Then
    /// there is no account.
    pub async fn create(&self, form: SignUp, role: Role) -> Result<Customer, Error> {
        let SignUp { name, email, password } = form;
        self.check_chosen(&password, &name, &email)?;
        let password = self.hasher.hash(password).await?;
        let customer = self.new_customer(name, email);
        let new = Credentials { customer: Customer { verified: true, role, ..customer }, password };
        self.customers.create(&new, None, None).await?;
        let customer = new.customer;
        self.record(customer.id, Event::AccountMade, None).await;
        tracing::info!(event = "account_made", customer = %customer.id, "an operator made an account");
        Ok(customer)
    }

    /// Returns the customer with this id or address.
    ///
    /// # Errors
    /// `NotFound`, or an error if the store does not answer.
    pub async fn find(&self, whom: &Whom) -> Result<Customer, Error> {
        let found = match whom {
            Whom::Id(id) => self.customers.find(*id).await?,
            Whom::Email(email) => self.customers.find_by_email(email).await?,
        };
        found.ok_or(Error::NotFound)
    }

    /// Returns at most `most` customers, ordered by id: those after `after`, or the first ones.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn list(&self, after: Option<CustomerId>, most: usize) -> Result<Vec<Customer>, Error> {
        Ok(self.customers.list(after, most).await?)
    }

    /// Disables an account: ends its sessions and refuses logins.
    ///
    /// # Errors
    /// `NotFound`, or an error if a store does not answer. Then the account may be disabled and still have sessions.
    /// Disabling it again does no harm.
    pub async fn disable(&self, whom: &Whom) -> Result<Customer, Error> {
        let id = self.set_disabled(whom, true).await?;
        // Afterwards, so that no session starts in between.
        let ended = self.sessions.end_others(id, SessionId::NONE, CredentialEpoch::MAX).await?.len();
        self.record(id, Event::AccountDisabled, None).await;
        tracing::info!(event = "account_disabled", customer = %id, ended, "an operator disabled a customer");
        self.find(&Whom::Id(id)).await
    }

    /// Enables a disabled account. The customer has to log in again.
    ///
    /// # Errors
    /// `NotFound`, or an error if the store does not answer.
    pub async fn enable(&self, whom: &Whom) -> Result<Customer, Error> {
        let id = self.set_disabled(whom, false).await?;
        self.record(id, Event::AccountEnabled, None).await;
        tracing::info!(event = "account_enabled", customer = %id, "an operator enabled a customer");
        self.find(&Whom::Id(id)).await
    }

    /// Sets the customer's role. Existing sessions have it after their next refresh.
    ///
    /// # Errors
    /// `NotFound`, or an error if the store does not answer.
    pub async fn set_role(&self, whom: &Whom, role: Role) -> Result<Customer, Error> {
        let id = self.find(whom).await?.id;
        if !self.customers.set_role(id, role, self.clock.now()).await? {
            return Err(Error::NotFound);
        }
        self.record(id, Event::RoleChanged, None).await;
        tracing::info!(event = "role_changed", customer = %id, role = role.as_str(), "an operator changed a role");
        self.find(&Whom::Id(id)).await
    }

    /// Returns the customer's sessions, most recently seen first.
    ///
    /// # Errors
    /// `NotFound`, or an error if a store does not answer.
    pub async fn sessions(&self, whom: &Whom) -> Result<Vec<Session>, Error> {
        let id = self.find(whom).await?.id;
        Ok(self.sessions.list(id, self.clock.now()).await?)
    }

    /// Ends all sessions of the customer, and returns their number.
    ///
    /// # Errors
    /// `NotFound`, or an error if a store does not answer.
    pub async fn end_sessions(&self, whom: &Whom) -> Result<usize, Error> {
        let id = self.find(whom).await?.id;
        self.customers.start_epoch(id, None).await?.ok_or(Error::NotFound)?;
        // In every epoch: a restored backup of the customers can be behind the sessions.
        let ended = self.sessions.end_others(id, SessionId::NONE, CredentialEpoch::MAX).await?.len();
        self.record(id, Event::SignedOutByShop, None).await;
        tracing::info!(event = "sessions_ended", customer = %id, ended, "an operator ended a customer's sessions");
        Ok(ended)
    }

    async fn set_disabled(&self, whom: &Whom, disabled: bool) -> Result<CustomerId, Error> {
        let id = self.find(whom).await?.id;
        let is_there = self.customers.set_disabled(id, disabled, self.clock.now()).await?;
        is_there.then_some(id).ok_or(Error::NotFound)
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
