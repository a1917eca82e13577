//! Choose a language: mails to the customer are in this language from now on.

use crate::{
    accounts::{
        core::{accounts::Accounts, error::Error},
        sessions::session::Identity,
    },
    domain::Language,
};

impl Accounts {
    /// Stores the customer's language.
    ///
    /// # Errors
    /// If the store does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn choose_language(&self, identity: Identity, language: Language) -> Result<(), Error> {
        Ok(self.customers.set_language(identity.session.customer, language).await?)
    }
}
