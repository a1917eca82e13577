//! Sessions in Redis, each a hash that Redis itself removes when it expires.

use std::{collections::HashMap, sync::LazyLock};

use async_trait::async_trait;
use redis::{AsyncCommands, Cmd, Script};
use time::OffsetDateTime;

use super::{RedisStore, corrupt};
use crate::{
    accounts::{
        Client, Session, SessionId, SessionKey, TokenHash,
        ports::{Rotation, RotationOutcome, Sessions, StoreError},
    },
    adapters::{duration_millis, from_millis, to_millis},
    domain::CustomerId,
};

static ROTATE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("rotate.lua")));

/// What belongs to one customer carries the same hash tag, and so lies on the same node of a cluster.
fn name_of(key: SessionKey) -> String {
    format!("doorstep:{{{}}}:session:{}", key.customer, key.id)
}

/// The session of a name of [`name_of`].
pub(super) fn key_of(name: &[u8]) -> Option<SessionKey> {
    let (customer, id) = str::from_utf8(name).ok()?.strip_prefix("doorstep:{")?.split_once("}:session:")?;
    Some(SessionKey { customer: CustomerId::parse(customer).ok()?, id: SessionId::parse(id)? })
}

/// Asks `get` when the session expires, if it is there.
pub(super) async fn read_expiry(
    key: SessionKey,
    get: impl AsyncFnOnce(Cmd) -> Result<Option<Vec<u8>>, StoreError>,
) -> Result<Option<OffsetDateTime>, StoreError> {
    let name = name_of(key);
    let digits = get(Cmd::hget(&name, "expires_at")).await?;
    digits.map(|digits| time(&name, &digits)).transpose()
}

#[async_trait]
impl Sessions for RedisStore {
    async fn create(&self, session: &Session) -> Result<(), StoreError> {
        let name = name_of(session.key);
        let time = |time| to_millis(time).to_string().into_bytes();
        let fields = [
            ("token", session.token.to_bytes().to_vec()),
            ("created_at", time(session.created_at)),
            ("authenticated_at", time(session.authenticated_at)),
            ("last_used_at", time(session.last_used_at)),
            ("expires_at", time(session.expires_at)),
            ("ends_at", time(session.ends_at)),
            ("address", session.client.address.to_string().into_bytes()),
            ("user_agent", session.client.user_agent.clone().into_bytes()),
        ];
        let lifetime = to_millis(session.expires_at) - to_millis(session.last_used_at);
        // A transaction: without the time it expires, a session must not be there at all.
        let mut create = redis::pipe();
        create.atomic().del(&name).ignore().hset_multiple(&name, &fields).ignore().pexpire(&name, lifetime).ignore();
        self.run(async |connection| create.query_async(connection).await).await
    }

    async fn find(&self, key: SessionKey, now: OffsetDateTime) -> Result<Option<Session>, StoreError> {
        let name = name_of(key);
        let fields: HashMap<String, Vec<u8>> = self.run(async |connection| connection.hgetall(&name).await).await?;
        if fields.is_empty() {
            return Ok(None);
        }
        let session = Fields { name: &name, fields }.session(key)?;
        Ok(Some(session).filter(|session| session.expires_at > now))
    }

    async fn is_live(&self, key: SessionKey, now: OffsetDateTime) -> Result<bool, StoreError> {
        let get = async |get: Cmd| self.run(async |connection| get.query_async(connection).await).await;
        let expires_at = match self.live_sessions.expiry(key).await {
            Some(known) => known,
            None => read_expiry(key, get).await?,
        };
        Ok(expires_at.is_some_and(|expires_at| expires_at > now))
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<RotationOutcome, StoreError> {
        let name = name_of(rotation.session);
        let now = to_millis(rotation.now);
        let mut rotate = ROTATE.key(&name);
        rotate
            .arg(&rotation.presented.to_bytes())
            .arg(&rotation.successor.to_bytes())
            .arg(now)
            .arg(duration_millis(rotation.grace))
            .arg(now.saturating_add(duration_millis(rotation.idle)));
        let answer = self.run(async |connection| rotate.invoke_async::<Vec<Vec<u8>>>(connection).await).await;
        self.live_sessions.forget(rotation.session);
        match answer?.iter().map(Vec::as_slice).collect::<Vec<_>>()[..] {
            [b"rotated", expires_at] => Ok(RotationOutcome::Rotated { expires_at: time(&name, expires_at)? }),
            [b"repeated", expires_at] => Ok(RotationOutcome::Repeated { expires_at: time(&name, expires_at)? }),
            [b"reused"] => Ok(RotationOutcome::Reused),
            [b"gone"] => Ok(RotationOutcome::Gone),
            _ => Err(corrupt(&name, "a field is missing or no number")),
        }
    }

    async fn end(&self, key: SessionKey) -> Result<(), StoreError> {
        let ended = self.run(async |connection| connection.del(name_of(key)).await).await;
        self.live_sessions.forget(key);
        ended
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.ping().await
    }
}

/// A session's hash as it was read.
struct Fields<'a> {
    name: &'a str,
    fields: HashMap<String, Vec<u8>>,
}

impl Fields<'_> {
    fn session(&self, key: SessionKey) -> Result<Session, StoreError> {
        Ok(Session {
            key,
            token: TokenHash::from_bytes(self.bytes("token")?.try_into().map_err(|error| corrupt(self.name, error))?),
            created_at: self.time("created_at")?,
            authenticated_at: self.time("authenticated_at")?,
            last_used_at: self.time("last_used_at")?,
            expires_at: self.time("expires_at")?,
            ends_at: self.time("ends_at")?,
            client: Client {
                address: self.text("address")?.parse().map_err(|error| corrupt(self.name, error))?,
                user_agent: self.text("user_agent")?.to_owned(),
            },
        })
    }

    fn bytes(&self, field: &str) -> Result<&[u8], StoreError> {
        let bytes = self.fields.get(field).ok_or_else(|| corrupt(self.name, format!("there is no {field}")))?;
        Ok(bytes)
    }

    fn text(&self, field: &str) -> Result<&str, StoreError> {
        str::from_utf8(self.bytes(field)?).map_err(|error| corrupt(self.name, error))
    }

    fn time(&self, field: &str) -> Result<OffsetDateTime, StoreError> {
        time(self.name, self.bytes(field)?)
    }
}

/// A time in the record `name`.
fn time(name: &str, digits: &[u8]) -> Result<OffsetDateTime, StoreError> {
    let digits = str::from_utf8(digits).map_err(|error| corrupt(name, error))?;
    let millis = digits.parse().map_err(|error: std::num::ParseIntError| corrupt(name, error))?;
    from_millis(millis).map_err(|error| corrupt(name, error))
}
