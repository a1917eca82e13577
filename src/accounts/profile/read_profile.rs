//! Profile: a customer's own data.

use crate::{
    accounts::{
        core::{accounts::Accounts, error::Error},
        sessions::session::Identity,
    },
    domain::Customer,
};

impl Accounts {
    /// Returns the signed-in customer.
    ///
    /// # Errors
    /// `Unauthenticated` if the account no longer exists or is disabled, or an error if the store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn profile(&self, identity: Identity) -> Result<Customer, Error> {
        let found = self.customers.find(identity.session.customer).await?;
        found.filter(|customer| !customer.disabled).ok_or(Error::Unauthenticated)
    }
}
