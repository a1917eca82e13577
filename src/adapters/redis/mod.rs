//! Redis, for all that is short-lived: sessions, counted attempts, the state of forms.
//!
//! Every key starts with `doorstep:` and expires; whatever must happen in one step is one command, one transaction or
//! one script on a single key, so that it is one step on a cluster too. What is not there means no.

mod connection;
mod form_state;
mod limits;
mod live_sessions;
mod sentinels;
mod servers;
mod sessions;

use std::{error::Error, fmt, sync::Arc, time::Duration};

use ::redis::{FromRedisValue, RedisResult, ScriptInvocation};

use self::{connection::SharedConnection, live_sessions::LiveSessions, servers::Servers};
use crate::{
    accounts::ports::{Clock, StoreError, StoreName},
    workers::Workers,
};

/// How long any operation may take, whatever has become of Redis.
const PATIENCE: Duration = Duration::from_secs(2);

/// The store in Redis. Clones share its connections.
#[derive(Clone)]
pub struct RedisStore {
    connection: SharedConnection,
    live_sessions: Arc<LiveSessions>,
    /// For form state alone: to the other ports the time is told.
    clock: Arc<dyn Clock>,
    workers: Workers,
}

impl RedisStore {
    /// Connects to the Redis at `url`, and again by itself whenever the connection is lost later.
    ///
    /// # Errors
    /// When it does not answer, or `url` is none.
    pub async fn connect(url: &str, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open(Servers::one(url), clock).await
    }

    /// Connects to the cluster that these nodes belong to.
    ///
    /// # Errors
    /// When it does not answer, or one is no URL.
    pub async fn connect_cluster(nodes: &[&str], clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open(Servers::cluster(nodes), clock).await
    }

    /// Connects to the Redis that these Sentinels call `service`, and to another whenever they say so. Their URLs have the
    /// user, the password and the database of Redis itself.
    ///
    /// # Errors
    /// When none answers, or one is no URL.
    pub async fn connect_sentinel(
        sentinels: &[&str],
        service: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        Self::open(Servers::sentinel(sentinels, service), clock).await
    }

    async fn open(servers: RedisResult<Servers>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        // The library's error may quote the URL, and a URL may hold a password.
        let servers = Arc::new(servers.map_err(|_| unavailable("the URL cannot be used"))?);
        let workers = Workers::new();
        let live_sessions = LiveSessions::follow(servers.clone(), &workers);
        let store = Self { connection: SharedConnection::new(servers), live_sessions, clock, workers };
        store.ping().await?;
        Ok(store)
    }

    /// Returns the background tasks that keep this store right.
    #[must_use]
    pub fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Runs a script that writes what must not be lost, and answers in bounded time.
    async fn write<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, StoreError> {
        self.run(async |connection| Ok(T::from_redis_value(connection.settled(script).await?)?)).await
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
