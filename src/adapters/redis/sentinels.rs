//! The Sentinels, which report the current primary. When a network partition separates a client, the old primary and
//! one Sentinel from the rest, both of them still report the old primary. So a majority of the Sentinels has to agree.
//!
//! The library's `SentinelClient` is not used: it trusts the first Sentinel that answers.

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use redis::{
    Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, RedisConnectionInfo, RedisResult,
    aio::MultiplexedConnection,
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

/// The time limit for asking a Sentinel, connecting included.
const TIMEOUT: Duration = Duration::from_millis(300);

/// How long an answer is reused, or the lack of one, so that callers do not wait for it one after another.
const BELIEVED: Duration = Duration::from_millis(300);

/// All configured Sentinels.
pub(super) struct Sentinels {
    all: Vec<Sentinel>,
    /// The Sentinels' name of the Redis.
    service: String,
    /// The user, the password and the database of Redis itself.
    settings: RedisConnectionInfo,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    primary: Option<Client>,
    until: Option<Instant>,
}

struct Sentinel {
    client: Client,
    open: Mutex<Option<MultiplexedConnection>>,
}

impl Sentinels {
    /// Returns the Sentinels at `urls`, which contain the user, the password and the database of Redis itself.
    pub(super) fn new(urls: &[&str], service: &str) -> RedisResult<Self> {
        let nodes = urls.iter().map(|url| url.into_connection_info()).collect::<RedisResult<Vec<_>>>()?;
        let settings = nodes.first().map(|node| node.redis_settings().clone()).unwrap_or_default();
        let all = nodes.iter().map(Sentinel::new).collect::<RedisResult<_>>()?;
        Ok(Self { all, service: service.to_owned(), settings, told: Mutex::default() })
    }

    /// Returns the primary that a majority of the Sentinels reports.
    pub(super) async fn primary(&self) -> RedisResult<Client> {
        let mut told = self.told.lock().await;
        if told.until.is_none_or(|until| until < Instant::now()) {
            *told = Told { primary: self.elected().await?, until: Some(Instant::now() + BELIEVED) };
        }
        told.primary.clone().ok_or_else(|| (ErrorKind::Io, "the Sentinels do not agree on a primary").into())
    }

    /// Asks all Sentinels at once, and returns as soon as a majority has answered.
    async fn elected(&self) -> RedisResult<Option<Client>> {
        let mut answers: FuturesUnordered<_> =
            self.all.iter().map(|sentinel| sentinel.primary_of(&self.service)).collect();
        let mut named = Vec::new();
        while let Some(answer) = answers.next().await {
            let Some(address) = answer else { continue };
            named.push(address.clone());
            if 2 * named.iter().filter(|other| **other == address).count() > self.all.len() {
                let info = address.into_connection_info()?.set_redis_settings(self.settings.clone());
                return Client::open(info).map(Some);
            }
        }
        Ok(None)
    }
}

impl Sentinel {
    /// Returns the Sentinel at the address of `node`. Sentinels require no password.
    fn new(node: &ConnectionInfo) -> RedisResult<Self> {
        Ok(Self { client: Client::open(node.addr().clone())?, open: Mutex::new(None) })
    }

    /// Returns the primary that the Sentinel reports, or `None` if it does not answer.
    async fn primary_of(&self, service: &str) -> Option<ConnectionAddr> {
        let mut open = self.open.lock().await;
        let Ok(Ok(named)) = timeout(TIMEOUT, self.ask(&mut open, service)).await else {
            // Reconnect next time.
            *open = None;
            return None;
        };
        named.map(|(host, port)| self.address(host, port))
    }

    async fn ask(&self, open: &mut Option<MultiplexedConnection>, service: &str) -> RedisResult<Option<(String, u16)>> {
        let connection = match open {
            Some(connection) => connection,
            None => open.insert(self.client.get_multiplexed_async_connection().await?),
        };
        redis::cmd("SENTINEL").arg("GET-MASTER-ADDR-BY-NAME").arg(service).query_async(connection).await
    }

    /// Returns the address, with TLS if the connection to the Sentinel uses it.
    fn address(&self, host: String, port: u16) -> ConnectionAddr {
        match self.client.get_connection_info().addr() {
            ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
                ConnectionAddr::TcpTls { host, port, insecure: *insecure, tls_params: tls_params.clone() }
            }
            _ => ConnectionAddr::Tcp(host, port),
        }
    }
}
