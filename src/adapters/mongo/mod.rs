//! The MongoDB store for durable data: customers, events, known browsers and signing keys. The collection `users` has
//! mongoose's format, so that a MERN shop's existing collection can be used. The other collections are Doorstep's own.
//!
//! An acknowledged write is on the disks of a majority. Every operation has a time limit. If the answer to a write is
//! lost, its result is determined before the operation returns.

mod address;
mod archive;
mod browsers;
mod customers;
mod document;
mod emails;
mod known_roles;
mod migrations;
mod not_customers;
mod outbox;
mod refusals;
mod sign_up_trial;
mod signing_keys;
mod survey;
mod timeline;
mod trial;

use std::{error::Error, sync::Arc, time::Duration};

use mongodb::{
    Client, Collection, Cursor, Database,
    bson::Document,
    error::{ErrorKind, WriteFailure},
    options::{Acknowledgment, ClientOptions, CollectionOptions, ReadPreference, SelectionCriteria, WriteConcern},
};
use zeroize::Zeroizing;

use self::refusals::Rule;
pub use self::survey::Survey;
use crate::{
    accounts::ports::{StoreError, StoreName},
    adapters::{recall::Followed, trials::Trials},
    workers::Workers,
};

/// The name of the database if the URI has none.
const DATABASE: &str = "doorstep";

/// The time limit of any operation.
const TIMEOUT: Duration = Duration::from_millis(2200);
/// How long the driver searches for a server that can answer.
const SERVER_TIMEOUT: Duration = Duration::from_secs(2);

/// The maximum number of connections to a server, if the URI does not set it. The same as in other languages' drivers.
/// With this driver's default of ten, requests wait for each other.
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
    trials: Arc<Trials>,
}

impl MongoStore {
    /// Connects to the servers at `uri`, and ensures that addresses are unique.
    ///
    /// # Errors
    /// If the servers do not answer, `uri` is invalid, or the addresses in `users` are not unique.
    pub async fn connect(uri: &str) -> Result<Self, StoreError> {
        let store = Self::open(uri).await?;
        match store.prepare().await {
            Ok(()) => Ok(store),
            Err(error) => {
                store.close().await;
                Err(error)
            }
        }
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        self.migrate().await?;
        // Checked at every start: the collection is the shop's, and the index may have been removed by hand.
        self.ensure_unique_email().await
    }

    /// Returns the migrations that [`Self::connect`] would run, as text.
    ///
    /// # Errors
    /// If the servers do not answer, or `uri` is invalid.
    pub async fn pending_migrations(uri: &str) -> Result<Vec<String>, StoreError> {
        let store = Self::open(uri).await?;
        let pending = store.pending().await;
        store.close().await;
        pending
    }

    /// Returns the background tasks of this store.
    #[must_use]
    pub fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Stops the background tasks and closes all connections, once no operation uses them, in bounded time.
    pub async fn close(&self) {
        self.workers.stop(TIMEOUT).await;
        shut_down(self.users.client()).await;
    }

    async fn open(uri: &str) -> Result<Self, StoreError> {
        let uri = Zeroizing::new(uri.to_owned());
        let client = bounded(TIMEOUT, async move { client(&uri).await }).await?;
        let database = database(&client);
        // Set explicitly, since a URI may set other concerns.
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
            trials: Arc::default(),
        })
    }

    /// Runs an operation on the collection with a time limit.
    async fn run<T, F>(&self, limit: Duration, operation: impl FnOnce(Collection<Document>) -> F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = mongodb::error::Result<T>> + Send + 'static,
    {
        bounded(limit, operation(self.users.clone())).await
    }
}

/// Returns the driver's client. Does not connect yet.
async fn client(uri: &str) -> mongodb::error::Result<Client> {
    let mut options = ClientOptions::parse(uri).await.map_err(|error| match *error.kind {
        // This error may quote the URI, and a URI may hold a password.
        ErrorKind::InvalidArgument { .. } => mongodb::error::Error::custom("invalid URI".to_owned()),
        _ => error,
    })?;
    options.app_name = Some("doorstep".to_owned());
    options.max_pool_size.get_or_insert(CONNECTIONS);
    options.connect_timeout = Some(SERVER_TIMEOUT);
    options.server_selection_timeout = Some(SERVER_TIMEOUT);
    Client::with_options(options)
}

/// Closes all connections of a client. One that is dropped instead still opens connections while the runtime ends, and
/// panics.
async fn shut_down(client: &Client) {
    if tokio::time::timeout(TIMEOUT, client.clone().shutdown()).await.is_err() {
        tracing::debug!("connections to MongoDB not closed in time");
    }
}

/// Returns the database that the URI names.
fn database(client: &Client) -> Database {
    client.default_database().unwrap_or_else(|| client.database(DATABASE))
}

/// Why an operation has no result.
enum Failure {
    /// The driver returned an error.
    Answered(mongodb::error::Error),
    /// There was no answer in time.
    Silent(Box<dyn Error + Send + Sync>),
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        let source = match failure {
            Failure::Answered(error) if is_refusal(&error) => return refused(text(&error)),
            Failure::Answered(error) => text(&error).into(),
            Failure::Silent(error) => error,
        };
        Self::Unavailable { store: StoreName::MongoDb, source }
    }
}

/// Error codes of a server that is shutting down, or of a set whose primary changes or that is too slow.
const PASSING: [i32; 17] = [6, 7, 50, 64, 89, 91, 112, 134, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436];

/// Returns true if the server answered that it does not do the operation, and a retry will not change that.
fn is_refusal(error: &mongodb::error::Error) -> bool {
    match &*error.kind {
        ErrorKind::Authentication { .. } => true,
        _ => code(error).is_some_and(|code| !PASSING.contains(&code)),
    }
}

/// Returns an error as text, without the server's response. For an error of the server this is its name and code, and
/// what refused a write, since the message may quote the command with its data.
fn text(error: &mongodb::error::Error) -> String {
    let text = kind(error);
    match Rule::of(error) {
        Some(rule) => format!("{text} by {rule}; run doorstep check-config"),
        None => text,
    }
}

fn kind(error: &mongodb::error::Error) -> String {
    match &*error.kind {
        ErrorKind::Command(error) => format!("{} (code {})", error.code_name, error.code),
        ErrorKind::Write(WriteFailure::WriteError(error)) => {
            format!("{} (code {})", error.code_name.as_deref().unwrap_or("write error"), error.code)
        }
        ErrorKind::Write(WriteFailure::WriteConcernError(error)) => {
            format!("{} (code {})", error.code_name, error.code)
        }
        kind => kind.to_string(),
    }
}

/// Waits for an operation, at most for `limit`. The driver's own limits do not apply to a server that accepts a
/// request and then hangs.
///
/// The operation continues if its caller is cancelled. If it were cancelled too, its connection would be lost, and many
/// visitors who leave early would keep the driver busy with opening new ones.
async fn bounded<T: Send + 'static>(
    limit: Duration,
    operation: impl Future<Output = mongodb::error::Result<T>> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::spawn(tokio::time::timeout(limit, operation)).await {
        Ok(Ok(answer)) => answer.map_err(Failure::Answered),
        Ok(Err(elapsed)) => Err(Failure::Silent(elapsed.into())),
        Err(panicked) => Err(Failure::Silent(panicked.into())),
    }
}

/// Returns all results of a query.
async fn collect(mut found: Cursor<Document>) -> mongodb::error::Result<Vec<Document>> {
    let mut entries = Vec::new();
    while found.advance().await? {
        entries.push(found.deserialize_current()?);
    }
    Ok(entries)
}

/// Returns the server's error code, if the server reported the error.
fn code(error: &mongodb::error::Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(error) => Some(error.code),
        ErrorKind::Write(WriteFailure::WriteError(error)) => Some(error.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(error)) => Some(error.code),
        _ => None,
    }
}

fn refused(source: String) -> StoreError {
    StoreError::Refused { store: StoreName::MongoDb, source: source.into() }
}

fn corrupt(record: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::Corrupt { store: StoreName::MongoDb, record: record.into(), source: source.into() }
}
