//! The Sentinels, who say which Redis is the primary. Whoever is cut off together with a primary that has been replaced
//! hears from it, and from the Sentinel beside it, that all is well; so what more than half of the Sentinels say is so.
//!
//! The library's own `SentinelClient` is not used: it believes the first Sentinel that answers.

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

/// How long a Sentinel may take, connecting included.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long their answer is taken for the truth, also when there is none, so that nobody has to wait for it in turn.
const BELIEVED: Duration = Duration::from_millis(300);

/// All Sentinels that were configured.
pub(super) struct Sentinels {
    all: Vec<Sentinel>,
    /// What they call the Redis that is meant.
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
    /// `urls` are the Sentinels', with the user, the password and the database of Redis itself.
    pub(super) fn new(urls: &[&str], service: &str) -> RedisResult<Self> {
        let nodes = urls.iter().map(|url| url.into_connection_info()).collect::<RedisResult<Vec<_>>>()?;
        let settings = nodes.first().map(|node| node.redis_settings().clone()).unwrap_or_default();
        let all = nodes.iter().map(Sentinel::new).collect::<RedisResult<_>>()?;
        Ok(Self { all, service: service.to_owned(), settings, told: Mutex::default() })
    }

    /// The primary that more than half of them name.
    pub(super) async fn primary(&self) -> RedisResult<Client> {
        let mut told = self.told.lock().await;
        if told.until.is_none_or(|until| until < Instant::now()) {
            *told = Told { primary: self.elected().await?, until: Some(Instant::now() + BELIEVED) };
        }
        told.primary.clone().ok_or_else(|| (ErrorKind::Io, "the Sentinels do not agree on a primary").into())
    }

    /// Asks all at once, and waits for no more of them than it takes.
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
    /// At the same address, where nobody asks for a password.
    fn new(node: &ConnectionInfo) -> RedisResult<Self> {
        Ok(Self { client: Client::open(node.addr().clone())?, open: Mutex::new(None) })
    }

    /// Whom it names; nobody if it does not answer.
    async fn primary_of(&self, service: &str) -> Option<ConnectionAddr> {
        let mut open = self.open.lock().await;
        let Ok(Ok(named)) = timeout(PATIENCE, self.ask(&mut open, service)).await else {
            // It is asked on a new connection the next time.
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

    /// Encrypted where the way to the Sentinel is.
    fn address(&self, host: String, port: u16) -> ConnectionAddr {
        match self.client.get_connection_info().addr() {
            ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
                ConnectionAddr::TcpTls { host, port, insecure: *insecure, tls_params: tls_params.clone() }
            }
            _ => ConnectionAddr::Tcp(host, port),
        }
    }
}
