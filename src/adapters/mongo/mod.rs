//! MongoDB, for what has to last: customers, what happened to them, by
//! which browsers they came, signing keys. The collection `users` is in the form
//! that mongoose gives it, so that a MERN shop's own serves as it is; those beside it are our own.
//!
//! An acknowledged write is on the disks of a majority. Every operation answers in bounded time, and what became of a
//! write whose answer was lost is found out before anybody is told anything.

mod address;
mod archive;
mod browsers;
mod customers;
mod document;
mod known_roles;
mod migrations;
mod outbox;
mod signing_keys;
mod timeline;

use std::{error::Error, sync::Arc, time::Duration};

use mongodb::{
    Client, Collection, Cursor, Database, IndexModel,
    bson::{Document, doc},
    error::{ErrorKind, WriteFailure},
    options::{
        Acknowledgment, ClientOptions, CollectionOptions, IndexOptions, ReadPreference, SelectionCriteria, WriteConcern,
    },
};
use zeroize::Zeroizing;

use self::migrations::STEP_PATIENCE;
use crate::{
    accounts::ports::{StoreError, StoreName},
    adapters::recall::Followed,
    workers::Workers,
};

/// The database, when the URI names none.
const DATABASE: &str = "doorstep";

/// How long any operation may take, whatever has become of the servers.
const PATIENCE: Duration = Duration::from_millis(2200);
/// How long the driver looks for a server that can answer.
const SERVER_PATIENCE: Duration = Duration::from_secs(2);

/// How many connections there may be to a server where the URI does not say: as many as other languages' drivers open.
/// The ten of this one keep requests waiting for each other.
const CONNECTIONS: u32 = 100;

/// Error codes of the server: `DuplicateKey`, `IndexOptionsConflict`, `IndexKeySpecsConflict`.
const DUPLICATE_KEY: i32 = 11000;
const INDEX_CONFLICTS: [i32; 2] = [85, 86];

/// The store in MongoDB. Clones share its connections.
#[derive(Clone)]
pub struct MongoStore {
    users: Collection<Document>,
    timeline: Collection<Document>,
    signing_keys: Collection<Document>,
    browsers: Collection<Document>,
    schema: Collection<Document>,
    known_roles: Arc<Followed<known_roles::Remembered>>,
    workers: Workers,
}

impl MongoStore {
    /// Connects to the servers at `uri` and sees to it that there can be one account an address only.
    ///
    /// # Errors
    /// When they do not answer, when `uri` is none, or when the addresses in `users` are not unique.
    pub async fn connect(uri: &str) -> Result<Self, StoreError> {
        let store = Self::open(uri).await?;
        store.migrate().await?;
        // Once more, since the collection is the shop's, whose own hands may have removed it.
        store.ensure_unique_email().await?;
        Ok(store)
    }

    /// What [`Self::connect`] would bring up to date, in words.
    ///
    /// # Errors
    /// When they do not answer, or `uri` is none.
    pub async fn pending_migrations(uri: &str) -> Result<Vec<String>, StoreError> {
        Self::open(uri).await?.pending().await
    }

    /// Returns the name of the database that `uri` leads to, and an estimate of how many customers are in it.
    ///
    /// # Errors
    /// When the servers do not answer, or `uri` is none.
    pub async fn count_customers(uri: &str) -> Result<(String, u64), StoreError> {
        let uri = Zeroizing::new(uri.to_owned());
        let count = async move {
            let client = client(&uri).await?;
            let database = database(&client);
            let users: Collection<Document> = database.collection("users");
            Ok((database.name().to_owned(), users.estimated_document_count().await?))
        };
        Ok(bounded(PATIENCE, count).await?)
    }

    /// Returns the background tasks that keep this store right.
    #[must_use]
    pub fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Closes all connections, once no operation uses them any more.
    pub async fn close(&self) {
        self.users.client().clone().shutdown().await;
    }

    async fn open(uri: &str) -> Result<Self, StoreError> {
        let uri = Zeroizing::new(uri.to_owned());
        let client = bounded(PATIENCE, async move { client(&uri).await }).await?;
        let database = database(&client);
        // Said here, since a URI may say otherwise.
        let options = CollectionOptions::builder()
            .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
            .write_concern(WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build())
            .build();
        let users = database.collection_with_options("users", options.clone());
        let workers = Workers::new();
        Ok(Self {
            known_roles: known_roles::follow(users.clone(), &workers),
            workers,
            users,
            timeline: database.collection_with_options("doorstep_timeline", options.clone()),
            signing_keys: database.collection_with_options("doorstep_signing_keys", options.clone()),
            browsers: database.collection_with_options("doorstep_browsers", options.clone()),
            schema: database.collection_with_options("doorstep_schema", options),
        })
    }

    /// Makes the unique index on the address under the name that mongoose gives it, unless there is one already.
    async fn ensure_unique_email(&self) -> Result<(), StoreError> {
        let options = IndexOptions::builder().name("email_1".to_owned()).unique(true).build();
        let index = IndexModel::builder().keys(doc! { "email": 1 }).options(options).build();
        match self.run(STEP_PATIENCE, async move |users| users.create_index(index).await).await {
            Err(Failure::Answered(error)) if code(&error) == Some(DUPLICATE_KEY) => {
                Err(corrupt("the collection users: several customers have one email address", error))
            }
            Err(Failure::Answered(error)) if code(&error).is_some_and(|code| INDEX_CONFLICTS.contains(&code)) => {
                if self.run(PATIENCE, has_unique_email).await? {
                    return Ok(());
                }
                Err(corrupt("the collection users: its index on email is not unique", error))
            }
            made => Ok(made.map(drop)?),
        }
    }

    /// Does something with the collection, in bounded time.
    async fn run<T, F>(
        &self,
        patience: Duration,
        operation: impl FnOnce(Collection<Document>) -> F,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = mongodb::error::Result<T>> + Send + 'static,
    {
        bounded(patience, operation(self.users.clone())).await
    }
}

/// Whether some index, of whatever name, keeps every address unique.
async fn has_unique_email(users: Collection<Document>) -> mongodb::error::Result<bool> {
    let mut indexes = users.list_indexes().await?;
    while indexes.advance().await? {
        let IndexModel { keys, options: Some(options), .. } = indexes.deserialize_current()? else { continue };
        if keys.keys().eq(["email"]) && options.unique == Some(true) && options.partial_filter_expression.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The driver's client. Nothing is connected yet.
async fn client(uri: &str) -> mongodb::error::Result<Client> {
    let mut options = ClientOptions::parse(uri).await.map_err(|error| match *error.kind {
        // This error may quote the URI, and a URI may hold a password.
        ErrorKind::InvalidArgument { .. } => mongodb::error::Error::custom("the URI cannot be used".to_owned()),
        _ => error,
    })?;
    options.app_name = Some("doorstep".to_owned());
    options.max_pool_size.get_or_insert(CONNECTIONS);
    options.connect_timeout = Some(SERVER_PATIENCE);
    options.server_selection_timeout = Some(SERVER_PATIENCE);
    Client::with_options(options)
}

/// The database that the URI names.
fn database(client: &Client) -> Database {
    client.default_database().unwrap_or_else(|| client.database(DATABASE))
}

/// Why there is no answer that can be used.
enum Failure {
    /// The driver says so.
    Answered(mongodb::error::Error),
    /// Nobody says anything.
    Silent(Box<dyn Error + Send + Sync>),
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        let source = match failure {
            Failure::Answered(error) => Box::new(error),
            Failure::Silent(error) => error,
        };
        Self::Unavailable { store: StoreName::MongoDb, source }
    }
}

/// Waits for an operation, but no longer than `patience`: the driver's own limits say nothing of a server that takes
/// a request and then hangs.
///
/// It goes on when whoever waits for it is gone. Cut off in the middle, it would cost its connection, and a crowd of
/// visitors who leave early would keep the driver busy with making new ones.
async fn bounded<T: Send + 'static>(
    patience: Duration,
    operation: impl Future<Output = mongodb::error::Result<T>> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::spawn(tokio::time::timeout(patience, operation)).await {
        Ok(Ok(answer)) => answer.map_err(Failure::Answered),
        Ok(Err(elapsed)) => Err(Failure::Silent(elapsed.into())),
        Err(panicked) => Err(Failure::Silent(panicked.into())),
    }
}

/// All that a query found.
async fn collect(mut found: Cursor<Document>) -> mongodb::error::Result<Vec<Document>> {
    let mut entries = Vec::new();
    while found.advance().await? {
        entries.push(found.deserialize_current()?);
    }
    Ok(entries)
}

/// The server's code for what went wrong, if it was the server that said so.
fn code(error: &mongodb::error::Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(error) => Some(error.code),
        ErrorKind::Write(WriteFailure::WriteError(error)) => Some(error.code),
        _ => None,
    }
}

fn corrupt(record: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::Corrupt { store: StoreName::MongoDb, record: record.into(), source: source.into() }
}
