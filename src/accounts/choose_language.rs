//! Choose a language: the customer is written to in it from then on.

use super::{Accounts, Error, Identity};
use crate::domain::Language;

impl Accounts {
    /// Remembers the language with the account.
    ///
    /// # Errors
    /// That the store cannot answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn choose_language(&self, identity: Identity, language: Language) -> Result<(), Error> {
        Ok(self.customers.set_language(identity.session.customer, language).await?)
    }
}
