//! Profile: what the shop knows of a customer, for that customer.

use super::{Accounts, Error, Identity};
use crate::domain::Customer;

impl Accounts {
    /// The customer who is signed in.
    ///
    /// # Errors
    /// `Unauthenticated` when the account is no more or its customer is disabled, or that the store cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn profile(&self, identity: Identity) -> Result<Customer, Error> {
        let found = self.customers.find(identity.session.customer).await?;
        found.filter(|customer| !customer.disabled).ok_or(Error::Unauthenticated)
    }
}
