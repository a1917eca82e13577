//! A cache of valid sessions, so that a request needs no query to Redis.
//!
//! A separate connection tracks every session that was read through it. Redis notifies it at once when one was changed,
//! ended or has expired, whatever caused that (client-side caching, `CLIENT TRACKING`). The cache is used only while
//! that connection answers. Without it, every request queries Redis. A missing session is invalid here too: after a
//! Redis that restarts without data, all customers are signed out.

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

/// How often the connection is checked.
const HEARTBEAT: Duration = Duration::from_millis(300);
/// How long the cache is valid after a check. A session that another instance ends is refused after this time at the
/// latest.
const BELIEVED: Duration = Duration::from_millis(900);
/// The time limit for connecting, and then for each answer. It leaves time to use the other connection afterwards.
const TIMEOUT: Duration = Duration::from_millis(400);

#[derive(Default)]
pub(super) struct LiveSessions(Followed<Following>);

/// The expiry of each session that was read through one connection.
type Remembered = Cache<SessionKey, OffsetDateTime>;

/// A connection that receives invalidations, with its cache. Both are dropped together.
struct Following {
    connection: MultiplexedConnection,
    address: ConnectionAddr,
    remembered: Arc<Remembered>,
}

impl LiveSessions {
    /// Follows the Redis server that has all sessions, for as long as `workers` run. A cluster has no such server, and
    /// is queried every time.
    pub(super) fn follow(servers: Arc<Servers>, workers: &Workers) -> Arc<Self> {
        let followed = Arc::new(Self::default());
        if !servers.is_cluster() {
            let sessions = followed.clone();
            workers.run(Worker::SessionChanges, move || follow_continuously(servers.clone(), sessions.clone()));
        }
        followed
    }

    /// Returns the expiry of the session, or `Some(None)` if it does not exist. Returns `None` if the cache cannot
    /// answer and Redis has to be queried.
    pub(super) async fn expiry(&self, key: SessionKey) -> Option<Option<OffsetDateTime>> {
        let following = self.0.believed()?;
        let mut connection = following.connection.clone();
        let get = async move |get: Cmd| get.query_async(&mut connection).await.map_err(unavailable);
        let read = read_expiry(key, get);
        // One limit for the whole operation, since requests of one session wait for each other's read, and would wait
        // for each failing one in turn.
        timeout(TIMEOUT, recall(&following.remembered, key, read)).await.ok()?.ok()
    }

    /// Removes a session that this instance has changed, before the change is acknowledged. The notification of Redis
    /// arrives later.
    pub(super) fn forget(&self, key: SessionKey) {
        self.0.get().map(|following| following.remembered.remove(&key));
    }
}

async fn follow_continuously(servers: Arc<Servers>, sessions: Arc<LiveSessions>) {
    loop {
        if let Ok(Ok(Some(following))) = timeout(TIMEOUT, connect(&servers)).await {
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
        .set_connection_timeout(Some(TIMEOUT))
        .set_response_timeout(Some(TIMEOUT))
        .set_push_sender(move |push| {
            hear(&push, &hearing);
            Ok::<_, ()>(())
        });
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    let () = ::redis::cmd("CLIENT").arg("TRACKING").arg("ON").query_async(&mut connection).await?;
    let address = info.addr().clone();
    Ok(Some(Following { connection, address, remembered }))
}

/// Handles a notification. Notifications and answers arrive in order: a later answer was read later.
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
        // All keys were deleted.
        _ => remembered.clear(),
    }
}

/// Keeps the cache valid for as long as the connection answers and leads to the primary.
async fn keep_believing(following: &Arc<Following>, servers: &Servers, sessions: &LiveSessions) {
    let mut connection = following.connection.clone();
    loop {
        let asked = Instant::now();
        // Has a time limit: that of the connection.
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
