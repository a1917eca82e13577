//! What the shop's database contains, and what in it keeps Doorstep from working.

use std::time::Duration;

use mongodb::{
    Collection, Database,
    bson::{Document, doc},
};
use zeroize::Zeroizing;

use super::{
    Failure, MongoStore, StoreError, TIMEOUT, bounded, client, database,
    emails::{self, unique_email_error},
    not_customers, shut_down,
    sign_up_trial::{Trial, try_sign_up},
};
use crate::adapters::trials::in_full;

/// The time limit of the check for shared addresses, which reads all customers if there is no index.
const LONGEST_CHECK: Duration = Duration::from_secs(30);

/// What a database contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The name of the database.
    pub database: String,
    /// An estimate of the number of customers.
    pub customers: u64,
    /// What in `users` concerns some customers, as sentences for the operator.
    pub warnings: Vec<String>,
    /// What in `users` prevents a start or every sign-up, as sentences for the operator.
    pub obstacles: Vec<String>,
}

impl MongoStore {
    /// Returns what the database in `uri` contains, without writing to it.
    ///
    /// # Errors
    /// If the servers do not answer, or `uri` is invalid.
    pub async fn survey(uri: &str) -> Result<Survey, StoreError> {
        let uri = Zeroizing::new(uri.to_owned());
        let client = bounded(TIMEOUT, async move { client(&uri).await }).await?;
        let survey = survey(&database(&client)).await;
        shut_down(&client).await;
        survey
    }
}

async fn survey(database: &Database) -> Result<Survey, StoreError> {
    let users: Collection<Document> = database.collection("users");
    let all =
        ask(TIMEOUT, &users, async move |users: Collection<Document>| users.estimated_document_count().await).await?;
    let mut survey =
        Survey { database: database.name().to_owned(), customers: all, warnings: Vec::new(), obstacles: Vec::new() };
    if all > 0 || exists(&users).await? {
        survey.add_obstacles(&users).await;
        survey.count(&users).await;
    }
    Ok(survey)
}

impl Survey {
    /// Adds what prevents a start or every sign-up.
    async fn add_obstacles(&mut self, users: &Collection<Document>) {
        match ask(LONGEST_CHECK, users, async move |users: Collection<Document>| unique_email_error(&users).await).await
        {
            Ok(error) => self.obstacles.extend(error.map(|error| in_full(&error))),
            Err(failure) => self.unknown("email addresses are unique", failure),
        }
        match ask(TIMEOUT, users, async move |users: Collection<Document>| Ok(try_sign_up(&users).await)).await {
            Ok(Trial::Succeeded) => {}
            Ok(Trial::Refused(reason)) => self.obstacles.push(reason),
            Ok(Trial::Failed(error)) => self.unknown("customers can sign up", Failure::Answered(error)),
            Err(failure) => self.unknown("customers can sign up", failure),
        }
    }

    fn unknown(&mut self, what: &str, failure: Failure) {
        self.warnings.push(format!("it is unknown whether {what}: {}", in_full(&StoreError::from(failure))));
    }

    /// Counts the documents that are not customers, and the customers who cannot log in. Best effort.
    async fn count(&mut self, users: &Collection<Document>) {
        let others =
            ask(TIMEOUT, users, async move |users: Collection<Document>| Ok(not_customers::count(&users).await))
                .await
                .unwrap_or_default();
        self.customers = self.customers.saturating_sub(others);
        let ids = ask(TIMEOUT, users, async move |users: Collection<Document>| {
            Ok(not_customers::count_other_ids(&users).await)
        })
        .await;
        let emails =
            ask(TIMEOUT, users, async move |users: Collection<Document>| Ok(emails::count_unusable(&users).await))
                .await;
        self.warnings.extend(ids.ok().filter(|count| *count > 0).map(|count| {
            format!(
                "{count} documents in users are not customers, because their _id is not an ObjectId: they cannot log in or \
                 sign up with their email. Store them with an ObjectId as _id (docs/operate, \"The shop's own rules\")"
            )
        }));
        self.warnings.extend(emails.ok().filter(|count| *count > 0).map(|count| {
            format!(
                "{count} customers cannot log in: their email in users has another spelling than a login looks for, such \
                 as capital letters, blanks at an end, or a domain that is not in ASCII. Correct them with doorstep \
                 export and doorstep import"
            )
        }));
    }
}

/// Returns true if there is a collection. A missing one has no rules, and the first start creates it.
async fn exists(users: &Collection<Document>) -> Result<bool, Failure> {
    let named = async |users: Collection<Document>| {
        let database = users.client().database(&users.namespace().db);
        database.list_collection_names().filter(doc! { "name": users.name() }).await
    };
    Ok(!ask(TIMEOUT, users, named).await?.is_empty())
}

/// Asks the collection with a time limit.
async fn ask<T, F>(
    limit: Duration,
    users: &Collection<Document>,
    question: impl FnOnce(Collection<Document>) -> F,
) -> Result<T, Failure>
where
    T: Send + 'static,
    F: Future<Output = mongodb::error::Result<T>> + Send + 'static,
{
    bounded(limit, question(users.clone())).await
}
