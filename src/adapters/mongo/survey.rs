//! What the shop's database contains, and what in it keeps Doorstep from working.

use mongodb::{
    Collection, Database,
    bson::{Document, doc},
};
use zeroize::Zeroizing;

use super::{
    Failure, MongoStore, StoreError, TIMEOUT, bounded, client, database, emails, shut_down,
    sign_up_trial::{Trial, try_sign_up},
};

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
        let survey = survey(database(&client)).await;
        shut_down(&client).await;
        survey
    }
}

async fn survey(database: Database) -> Result<Survey, StoreError> {
    let name = database.name().to_owned();
    let users = database.collection::<Document>("users");
    let counted = users.clone();
    let customers = bounded(TIMEOUT, async move { counted.estimated_document_count().await }).await?;
    let (mut warnings, mut obstacles) = (Vec::new(), Vec::new());
    match try_to_sign_up(&database).await {
        Ok(None | Some(Trial::Succeeded)) => {}
        Ok(Some(Trial::Refused(reason))) => obstacles.push(reason),
        Ok(Some(Trial::Unknown(reason))) => warnings.push(untried(&reason)),
        Err(failure) => warnings.push(untried(&StoreError::from(failure).to_string())),
    }
    warnings.extend(unusable_emails(users).await);
    Ok(Survey { database: name, customers, warnings, obstacles })
}

/// Tries a sign-up, unless there is no collection yet: its rules would be the shop's.
async fn try_to_sign_up(database: &Database) -> Result<Option<Trial>, Failure> {
    let database = database.clone();
    let tried = async move {
        if database.list_collection_names().filter(doc! { "name": "users" }).await?.is_empty() {
            return Ok(None);
        }
        Ok(Some(try_sign_up(&database.collection("users")).await))
    };
    bounded(TIMEOUT, tried).await
}

fn untried(reason: &str) -> String {
    format!("it is unknown whether customers can sign up: a trial in a transaction failed: {reason}")
}

/// Returns a warning of addresses that no customer can log in with.
async fn unusable_emails(users: Collection<Document>) -> Option<String> {
    let count = async move { Ok(emails::count_unusable(&users).await) };
    let count = bounded(TIMEOUT, count).await.unwrap_or_default();
    (count > 0).then(|| {
        format!(
            "{count} customers cannot log in: their email in users has capital letters or blanks at an end. Correct them \
             with doorstep export and doorstep import"
        )
    })
}
