//! Redis, for all that is short-lived: sessions, counted attempts, the state of forms.
//!
//! Every key starts with `doorstep:` and expires; whatever must happen in one step is one command, one transaction or
//! one script on a single key, so that it is one step on a cluster too. What is not there means no.

mod connection;
mod form_state;
mod limits;
mod live_sessions;
mod sessions;

use std::{error::Error, fmt, sync::Arc, time::Duration};

use ::redis::{Client, FromRedisValue, RedisResult};

use self::{connection::SharedConnection, live_sessions::LiveSessions};
use crate::accounts::ports::{Clock, StoreError, StoreName};

/// How long any operation may take, whatever has become of Redis.
const PATIENCE: Duration = Duration::from_secs(2);

/// The store in Redis. Clones share its connections.
#[derive(Clone)]
pub struct RedisStore {
    connection: SharedConnection,
    live_sessions: Arc<LiveSessions>,
    /// For form state alone: to the other ports the time is told.
    clock: Arc<dyn Clock>,
}

impl RedisStore {
    /// Connects to the Redis at `url`, and again by itself whenever the connection is lost later.
    ///
    /// # Errors
    /// When it does not answer, or `url` is none.
    pub async fn connect(url: &str, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        // The library's error may quote the URL, and a URL may hold a password.
        let client = Client::open(url).map_err(|_| unavailable("the URL cannot be used"))?;
        let live_sessions = LiveSessions::follow(client.clone());
        let store = Self { connection: SharedConnection::new(client), live_sessions, clock };
        store.ping().await?;
        Ok(store)
    }

    /// Runs `command`, which is given this store's connection, and answers in bounded time.
    async fn run<T: FromRedisValue>(
        &self,
        command: impl AsyncFnOnce(&mut SharedConnection) -> RedisResult<T>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection.clone();
        match tokio::time::timeout(PATIENCE, command(&mut connection)).await {
            Ok(answer) => answer.map_err(unavailable),
            Err(elapsed) => Err(unavailable(elapsed)),
        }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.run(async |connection| ::redis::cmd("PING").query_async(connection).await).await
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::Unavailable { store: StoreName::Redis, source: source.into() }
}

/// What is stored under `key` is not what was written there.
fn corrupt(key: &str, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::Corrupt { store: StoreName::Redis, record: key.to_owned(), source: source.into() }
}
