//! The Redis store for short-lived data: sessions, counted attempts, form state.
//!
//! Every key starts with `doorstep:` and expires. An atomic operation is one command, one transaction or one script on
//! a single key or hash tag, so that it is atomic on a cluster too. A missing key means that access is refused.

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

/// The time limit of any operation.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The store in Redis. Clones share its connections.
#[derive(Clone)]
pub struct RedisStore {
    connection: SharedConnection,
    live_sessions: Arc<LiveSessions>,
    /// For form state only. The other ports receive the time as an argument.
    clock: Arc<dyn Clock>,
    workers: Workers,
}

impl RedisStore {
    /// Connects to the Redis at `url`, and reconnects whenever the connection is lost.
    ///
    /// # Errors
    /// If it does not answer, or `url` is invalid.
    pub async fn connect(url: &str, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open(Servers::one(url), clock).await
    }

    /// Connects to the cluster of these nodes.
    ///
    /// # Errors
    /// If it does not answer, or a URL is invalid.
    pub async fn connect_cluster(nodes: &[&str], clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open(Servers::cluster(nodes), clock).await
    }

    /// Connects to the Redis that these Sentinels know as `service`, and follows failovers. The URLs contain the user,
    /// the password and the database of Redis itself.
    ///
    /// # Errors
    /// If none answers, or a URL is invalid.
    pub async fn connect_sentinel(
        sentinels: &[&str],
        service: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        Self::open(Servers::sentinel(sentinels, service), clock).await
    }

    async fn open(servers: RedisResult<Servers>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        // The library's error may quote the URL, and a URL may hold a password.
        let servers = Arc::new(servers.map_err(|_| unavailable("invalid URL"))?);
        let workers = Workers::new();
        let live_sessions = LiveSessions::follow(servers.clone(), &workers);
        let store = Self { connection: SharedConnection::new(servers), live_sessions, clock, workers };
        store.ping().await?;
        Ok(store)
    }

    /// Returns the background tasks of this store.
    #[must_use]
    pub fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Runs a script whose writes must not be lost, with a time limit.
    async fn write<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, StoreError> {
        self.run(async |connection| Ok(T::from_redis_value(connection.settled(script).await?)?)).await
    }

    /// Runs `command` with this store's connection and a time limit.
    async fn run<T: FromRedisValue>(
        &self,
        command: impl AsyncFnOnce(&mut SharedConnection) -> RedisResult<T>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection.clone();
        match tokio::time::timeout(TIMEOUT, command(&mut connection)).await {
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

/// Returns the error for a value under `key` that was not written in this format.
fn corrupt(key: &str, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::Corrupt { store: StoreName::Redis, record: key.to_owned(), source: source.into() }
}
