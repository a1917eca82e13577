//! The one connection to Redis that all requests share, and its replacement when it breaks.
//!
//! The library's `ConnectionManager` is not used: once a reconnection is refused for any other reason than the network,
//! for example by a Redis that has not loaded its passwords yet, it never tries again.

use std::sync::Arc;

use redis::{
    Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, RedisResult, ScriptInvocation, ServerErrorKind, Value,
    aio::ConnectionLike,
};
use tokio::sync::Mutex;

use super::servers::{Connection, Servers};

/// A shared connection. It is opened on first use, and again after it breaks.
#[derive(Clone)]
pub(super) struct SharedConnection(Arc<Inner>);

struct Inner {
    servers: Arc<Servers>,
    open: Mutex<Option<Arc<Connection>>>,
}

impl SharedConnection {
    pub(super) fn new(servers: Arc<Servers>) -> Self {
        Self(Arc::new(Inner { servers, open: Mutex::new(None) }))
    }

    /// Runs a script, and returns once its writes can no longer be lost by the failure of one server.
    pub(super) async fn settled(&self, script: &ScriptInvocation<'_>) -> RedisResult<Value> {
        let run = || self.send(|mut connection| Box::pin(async move { connection.settled(script).await }));
        match run().await {
            // The script is not loaded. The library handles this only for a script that is sent alone.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                script.load_async(&mut self.clone()).await?;
                run().await
            }
            settled => settled,
        }
    }

    /// Returns the open connection. While one request opens it, the others wait, so that Redis receives a single new
    /// connection.
    async fn get(&self) -> RedisResult<Arc<Connection>> {
        let mut open = self.0.open.lock().await;
        if let Some(connection) = &*open
            && self.0.servers.lead_to(connection).await?
        {
            return Ok(connection.clone());
        }
        let connection = self.0.servers.connect().await?;
        Ok(open.insert(Arc::new(connection)).clone())
    }

    /// Sends a command, and retries once if the connection turns out to be lost: it may have broken unnoticed while it
    /// was idle. Every operation of this store is idempotent.
    async fn send<'a, T>(&self, send: impl Fn(Connection) -> RedisFuture<'a, T>) -> RedisResult<T> {
        match self.send_once(&send).await {
            Err(error) if error.is_connection_dropped() => self.send_once(&send).await,
            result => result,
        }
    }

    async fn send_once<'a, T>(&self, send: impl Fn(Connection) -> RedisFuture<'a, T>) -> RedisResult<T> {
        let connection = self.get().await?;
        let result = send((*connection).clone()).await;
        self.replace_if_broken(&connection, &result).await;
        result
    }

    async fn replace_if_broken<T>(&self, connection: &Arc<Connection>, result: &RedisResult<T>) {
        if let Err(error) = result
            && is_broken(error)
        {
            let mut open = self.0.open.lock().await;
            // Another request may have replaced it already.
            open.take_if(|open| Arc::ptr_eq(open, connection));
        }
    }
}

/// Returns true if a new connection may help: this one is lost, does not answer, or leads to a server that is no longer
/// the primary.
fn is_broken(error: &RedisError) -> bool {
    error.is_unrecoverable_error() || error.is_timeout() || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

impl ConnectionLike for SharedConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(self.send(move |mut connection| Box::pin(async move { connection.req_packed_command(command).await })))
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(self.send(move |mut connection| {
            Box::pin(async move { connection.req_packed_commands(pipeline, offset, count).await })
        }))
    }

    fn get_db(&self) -> i64 {
        0
    }
}
