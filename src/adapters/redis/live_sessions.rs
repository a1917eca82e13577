//! The sessions that are known to live, so that Redis is not asked anew at each request.
//!
//! Redis itself keeps this right: a connection of its own follows every session that was read through it, and Redis says
//! at once when one was changed, ended or has expired, by whatever instance or hand (client-side caching, `CLIENT
//! TRACKING`). What is remembered is believed only while that connection answers; without it Redis is asked each time.
//! So what is not there means no here too: a Redis that comes back empty leaves nobody signed in.

use std::{sync::Arc, time::Duration};

use ::redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ProtocolVersion, PushInfo, PushKind, RedisResult, Value,
    aio::MultiplexedConnection,
};
use quick_cache::sync::Cache;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep, timeout};

use super::{
    servers::Servers,
    sessions::{key_of, read_expiry},
    unavailable,
};
use crate::{
    accounts::SessionKey,
    adapters::recall::{Followed, REMEMBERED, recall},
    workers::{Worker, Workers},
};

/// How often the connection is asked whether it still hears anything.
const HEARTBEAT: Duration = Duration::from_millis(300);
/// How long an answer to that is believed. A session that another instance ends is refused after this at the latest.
const BELIEVED: Duration = Duration::from_millis(900);
/// How long connecting may take, and then one answer. The other connection needs time to be asked after this one.
const PATIENCE: Duration = Duration::from_millis(400);

#[derive(Default)]
pub(super) struct LiveSessions(Followed<Following>);

/// When each session expires that was read through one connection.
type Remembered = Cache<SessionKey, OffsetDateTime>;

/// A connection through which Redis says what has changed. What it remembers ends with it.
struct Following {
    connection: MultiplexedConnection,
    address: ConnectionAddr,
    remembered: Arc<Remembered>,
}

impl LiveSessions {
    /// Follows the Redis that has every session, for as long as `workers` run. On a cluster there is none, and each is asked
    /// each time.
    pub(super) fn follow(servers: Arc<Servers>, workers: &Workers) -> Arc<Self> {
        let followed = Arc::new(Self::default());
        if !servers.is_cluster() {
            let sessions = followed.clone();
            workers.run(Worker::SessionChanges, move || follow_for_ever(servers.clone(), sessions.clone()));
        }
        followed
    }

    /// When the session expires, if it is there; `None` when Redis has to be asked by another way.
    pub(super) async fn expiry(&self, key: SessionKey) -> Option<Option<OffsetDateTime>> {
        let following = self.0.believed()?;
        let mut connection = following.connection.clone();
        let get = async move |get: Cmd| get.query_async(&mut connection).await.map_err(unavailable);
        let read = read_expiry(key, get);
        // In all, since requests of one session wait for each other's read, and would for one after the other that fails.
        timeout(PATIENCE, recall(&following.remembered, key, read)).await.ok()?.ok()
    }

    /// Forgets a session that this instance has changed, before anybody is told: Redis will say so only afterwards.
    pub(super) fn forget(&self, key: SessionKey) {
        self.0.get().map(|following| following.remembered.remove(&key));
    }
}

async fn follow_for_ever(servers: Arc<Servers>, sessions: Arc<LiveSessions>) {
    loop {
        if let Ok(Ok(Some(following))) = timeout(PATIENCE, connect(&servers)).await {
            keep_believing(&Arc::new(following), &servers, &sessions).await;
        }
        sessions.0.forget();
        sleep(HEARTBEAT).await;
    }
}

async fn connect(servers: &Servers) -> RedisResult<Option<Following>> {
    let Some(client) = servers.primary().await? else { return Ok(None) };
    let info = client.get_connection_info();
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let client = Client::open(info.clone().set_redis_settings(settings))?;
    let remembered = Arc::new(Cache::new(REMEMBERED));
    let hearing = remembered.clone();
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE))
        .set_push_sender(move |push| {
            hear(&push, &hearing);
            Ok::<_, ()>(())
        });
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    let () = ::redis::cmd("CLIENT").arg("TRACKING").arg("ON").query_async(&mut connection).await?;
    let address = info.addr().clone();
    Ok(Some(Following { connection, address, remembered }))
}

/// Hears what Redis says of its own accord. It is heard in order: an answer that comes later was read later.
fn hear(push: &PushInfo, remembered: &Remembered) {
    if push.kind != PushKind::Invalidate {
        return;
    }
    match push.data.as_slice() {
        [Value::Array(names)] => {
            for name in names {
                let key = if let Value::BulkString(name) = name { key_of(name) } else { None };
                key.map(|key| remembered.remove(&key));
            }
        }
        // Everything was deleted.
        _ => remembered.clear(),
    }
}

/// Has the connection believed for as long as it answers and leads to the primary.
async fn keep_believing(following: &Arc<Following>, servers: &Servers, sessions: &LiveSessions) {
    let mut connection = following.connection.clone();
    loop {
        let asked = Instant::now();
        // In bounded time: the connection itself waits for no answer longer than its patience.
        if ::redis::cmd("PING").query_async::<()>(&mut connection).await.is_err() {
            return;
        }
        match servers.primary().await {
            Ok(Some(primary)) if *primary.get_connection_info().addr() == following.address => {}
            _ => return,
        }
        sessions.0.believe(following, asked + BELIEVED);
        sleep(HEARTBEAT).await;
    }
}
