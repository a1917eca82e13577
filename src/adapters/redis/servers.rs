//! The supported Redis setups: one server, a cluster, or a server with failover by Sentinels.
//!
//! With replicas, a server that fails loses writes that it has not replicated yet: a session that was ended would be
//! valid again. So with replicas, a critical write is acknowledged once a replica has it.

use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisFuture,
    RedisResult, Role, ScriptInvocation, Value,
    aio::{ConnectionLike, MultiplexedConnection},
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
};

use super::sentinels::Sentinels;

/// The time limit for connecting, and then for each answer.
pub(super) const TIMEOUT: Duration = Duration::from_secs(1);

/// The time limit of a replica, in milliseconds.
const REPLICATION: u64 = 500;

/// The configured Redis.
pub(super) enum Servers {
    One(Box<Client>),
    Cluster(Box<ClusterClient>),
    Sentinel(Box<Sentinels>),
}

/// A connection to the server or the cluster.
#[derive(Clone)]
pub(super) enum Connection {
    One {
        connection: MultiplexedConnection,
        /// The address, if Sentinels reported it.
        named: Option<ConnectionAddr>,
    },
    Cluster(ClusterConnection),
}

impl Servers {
    pub(super) fn one(url: &str) -> RedisResult<Self> {
        Client::open(url).map(|client| Self::One(Box::new(client)))
    }

    pub(super) fn cluster(nodes: &[&str]) -> RedisResult<Self> {
        let client = ClusterClient::builder(nodes.iter().copied());
        let client = client.connection_timeout(TIMEOUT).response_timeout(TIMEOUT).retries(2);
        client.build().map(|client| Self::Cluster(Box::new(client)))
    }

    /// Returns the server that the Sentinels at `urls` report. The URLs contain the user, the password and the database
    /// of Redis itself.
    pub(super) fn sentinel(urls: &[&str], service: &str) -> RedisResult<Self> {
        Sentinels::new(urls, service).map(|sentinels| Self::Sentinel(Box::new(sentinels)))
    }

    /// Returns true for a cluster, where no single server has every key.
    pub(super) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    pub(super) async fn connect(&self) -> RedisResult<Connection> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(TIMEOUT)).set_response_timeout(Some(TIMEOUT));
        match self {
            Self::Cluster(client) => client.get_async_connection().await.map(Connection::Cluster),
            Self::One(client) => {
                let connection = client.get_multiplexed_async_connection_with_config(&config).await?;
                Ok(Connection::One { connection, named: None })
            }
            Self::Sentinel(sentinels) => {
                let client = sentinels.primary().await?;
                let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
                // The Sentinels may report a server that has not been promoted yet.
                let Role::Primary { .. } = redis::cmd("ROLE").query_async(&mut connection).await? else {
                    return Err(RedisError::from((ErrorKind::Io, "the server named as primary is not a primary yet")));
                };
                Ok(Connection::One { connection, named: Some(client.get_connection_info().addr().clone()) })
            }
        }
    }

    /// Returns true if the connection leads to the current primary.
    pub(super) async fn lead_to(&self, connection: &Connection) -> RedisResult<bool> {
        match (self, connection) {
            (Self::Sentinel(sentinels), Connection::One { named: Some(address), .. }) => {
                Ok(sentinels.primary().await?.get_connection_info().addr() == address)
            }
            _ => Ok(true),
        }
    }

    /// Returns the one server that has every key, or `None` for a cluster.
    pub(super) async fn primary(&self) -> RedisResult<Option<Client>> {
        match self {
            Self::One(client) => Ok(Some((**client).clone())),
            Self::Cluster(_) => Ok(None),
            Self::Sentinel(sentinels) => sentinels.primary().await.map(Some),
        }
    }
}

impl Connection {
    /// Runs a script, and returns once a replica has its writes. If no replica is connected, none can take over without
    /// them.
    ///
    /// All commands are one pipeline, and so use one connection to one server. On any other connection, `WAIT` waits
    /// for nothing, and a server that has taken over would answer for the previous one.
    pub(super) async fn settled(&mut self, script: &ScriptInvocation<'_>) -> RedisResult<Value> {
        let command = Cmd::invoke_script(script);
        if matches!(self, Self::One { named: None, .. }) {
            return self.req_packed_command(&command).await?.extract_error();
        }
        let mut pipeline = redis::pipe();
        pipeline.add_command(command).cmd("WAIT").arg(1).arg(REPLICATION).cmd("ROLE");
        let answers = self.req_packed_commands(&pipeline, 0, 3).await?;
        let unclear = |_| RedisError::from((ErrorKind::UnexpectedReturnType, "unexpected number of replies"));
        let [answer, taken, role] = <[Value; 3]>::try_from(answers).map_err(unclear)?;
        let answer = answer.extract_error()?;
        if u32::from_redis_value(taken.extract_error()?)? > 0 {
            return Ok(answer);
        }
        // A replica that is still in its initial sync is not counted, and could not take over.
        match Role::from_redis_value(role.extract_error()?)? {
            Role::Primary { replicas, .. } if replicas.is_empty() => Ok(answer),
            _ => Err(RedisError::from((ErrorKind::Io, "no replica acknowledged the write in time"))),
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::One { connection, .. } => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::One { connection, .. } => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::One { connection, .. } => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}
