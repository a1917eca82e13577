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

use ::redis::{ErrorKind, FromRedisValue, RedisError, RedisResult, ScriptInvocation, ServerErrorKind};

use self::{connection::SharedConnection, live_sessions::LiveSessions, servers::Servers};
use crate::{
    accounts::ports::{Clock, StoreError, StoreName},
    adapters::trials::Trials,
    workers::Workers,
};

/// The time limit of any operation.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The key that the health check writes, and its lifetime in milliseconds.
const TRIAL_KEY: &str = "doorstep:trial";
const TRIAL_LIFETIME: u32 = 5000;

/// Error codes of a server that is busy or has lost its primary for a moment.
const PASSING: [&str; 9] =
    ["LOADING", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "MOVED", "ASK", "NOSCRIPT", "UNBLOCKED"];

/// The store in Redis. Clones share its connections.
#[derive(Clone)]
pub struct RedisStore {
    connection: SharedConnection,
    live_sessions: Arc<LiveSessions>,
    /// For form state only. The other ports receive the time as an argument.
    clock: Arc<dyn Clock>,
    workers: Workers,
    trials: Arc<Trials>,
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
        let store =
            Self { connection: SharedConnection::new(servers), live_sessions, clock, workers, trials: Arc::default() };
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
            Ok(answer) => answer.map_err(failed),
            Err(elapsed) => Err(unavailable(elapsed)),
        }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.run(async |connection| ::redis::cmd("PING").query_async(connection).await).await
    }

    /// Returns `Ok` if Redis answers and a write succeeded recently or succeeds now. A replica and a server without
    /// memory answer, but accept no writes.
    async fn check(&self) -> Result<(), StoreError> {
        let mut set = ::redis::cmd("SET");
        set.arg(TRIAL_KEY).arg(1).arg("PX").arg(TRIAL_LIFETIME);
        let both = async {
            self.ping().await?;
            let write = self.run(async |connection| set.query_async(connection).await);
            self.trials.try_writing(write, refused).await
        };
        match tokio::time::timeout(TIMEOUT, both).await {
            Ok(checked) => checked,
            Err(elapsed) => Err(unavailable(elapsed)),
        }
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

fn refused(source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::Refused { store: StoreName::Redis, source: source.into() }
}

/// Returns the error of a failed command.
fn failed(error: RedisError) -> StoreError {
    match error.kind() {
        ErrorKind::AuthenticationFailed => refused(error),
        // A script that does not run is a bug, not a refusal.
        ErrorKind::Server(ServerErrorKind::ResponseError | ServerErrorKind::ExecAbort) => unavailable(error),
        _ if error.code().is_some_and(|code| !PASSING.contains(&code)) => refused(error),
        _ => unavailable(error),
    }
}

/// Returns the error for a value under `key` that was not written in this format.
fn corrupt(key: &str, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::Corrupt { store: StoreName::Redis, record: key.to_owned(), source: source.into() }
}
