//! Sessions in Redis. Each is a hash that Redis removes when it expires, and each customer has an index of sessions.

use std::{collections::HashMap, sync::LazyLock};

use async_trait::async_trait;
use redis::{Cmd, Script};
use time::OffsetDateTime;

use super::{RedisStore, corrupt};
use crate::{
    accounts::{
        BrowserHash, Client, Device, Session, SessionId, SessionKey, TokenHash,
        ports::{CLOCK_SKEW, MOST_SESSIONS, Rotation, RotationOutcome, Sessions, StoreError},
    },
    adapters::{duration_millis, from_millis, to_millis},
    domain::{CredentialEpoch, CustomerId},
};

static CREATE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("create.lua")));
static LIST: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("list.lua")));
static TOUCH: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("touch.lua")));
static ROTATE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("rotate.lua")));
static END: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("end.lua")));
static CARRY_OVER: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("carry_over.lua")));
static END_OTHERS: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("end_others.lua")));

/// The names of a session's fields. They have one letter, since there may be millions of sessions, and a name takes as
/// much memory as its value. The scripts use them too.
mod field {
    pub const TOKEN: &str = "t";
    // Fields that only the rotation script uses: "p", the previous token, "n", the network of the last use of a token,
    // and "g", the time of that use by the server's clock.
    pub const CREATED_AT: &str = "c";
    pub const AUTHENTICATED_AT: &str = "a";
    pub const LAST_USED_AT: &str = "u";
    pub const EXPIRES_AT: &str = "x";
    pub const ENDS_AT: &str = "e";
    pub const ADDRESS: &str = "i";
    pub const BROWSER: &str = "b";
    pub const SYSTEM: &str = "s";
    pub const EPOCH: &str = "v";
    pub const BROWSER_HASH: &str = "w";
}

/// Returns the name of a session. All keys of one customer have the same hash tag, so they are on the same cluster
/// node.
fn name_of(key: SessionKey) -> String {
    format!("{}{}", prefix_of(key.customer), key.id)
}

/// Returns the prefix of the names of a customer's sessions.
fn prefix_of(customer: CustomerId) -> String {
    format!("doorstep:{{{customer}}}:s:")
}

/// Returns the name of a customer's index: the ids of their sessions, ordered by last use.
fn index_of(customer: CustomerId) -> String {
    format!("doorstep:{{{customer}}}:sessions")
}

/// Returns the session of a name from [`name_of`].
pub(super) fn key_of(name: &[u8]) -> Option<SessionKey> {
    let (customer, id) = str::from_utf8(name).ok()?.strip_prefix("doorstep:{")?.split_once("}:s:")?;
    Some(SessionKey { customer: CustomerId::parse(customer).ok()?, id: SessionId::parse(id)? })
}

/// Reads the expiry of the session through `get`, if the session exists.
pub(super) async fn read_expiry(
    key: SessionKey,
    get: impl AsyncFnOnce(Cmd) -> Result<Option<Vec<u8>>, StoreError>,
) -> Result<Option<OffsetDateTime>, StoreError> {
    let name = name_of(key);
    let digits = get(Cmd::hget(&name, field::EXPIRES_AT)).await?;
    digits.map(|digits| time(&name, &digits)).transpose()
}

#[async_trait]
impl Sessions for RedisStore {
    async fn create(&self, session: &Session) -> Result<(), StoreError> {
        let Session { key, client, .. } = session;
        let time = |time| to_millis(time).to_string().into_bytes();
        let mut fields: Vec<(&str, Vec<u8>)> = vec![
            (field::TOKEN, session.token.to_bytes().to_vec()),
            (field::CREATED_AT, time(session.created_at)),
            (field::AUTHENTICATED_AT, time(session.authenticated_at)),
            (field::LAST_USED_AT, time(session.last_used_at)),
            (field::EXPIRES_AT, time(session.expires_at)),
            (field::ENDS_AT, time(session.ends_at)),
            (field::ADDRESS, client.address.to_string().into_bytes()),
            (field::BROWSER, client.device.browser.clone().into_bytes()),
            (field::SYSTEM, client.device.system.clone().into_bytes()),
            (field::EPOCH, session.epoch.number().to_string().into_bytes()),
        ];
        fields.extend(session.browser.map(|browser| (field::BROWSER_HASH, browser.to_bytes().to_vec())));
        let mut create = CREATE.prepare_invoke();
        create
            .key(name_of(*key))
            .key(index_of(key.customer))
            .arg(prefix_of(key.customer))
            .arg(key.id.to_string())
            .arg(to_millis(session.expires_at) - to_millis(session.last_used_at))
            .arg(to_millis(session.ends_at) - to_millis(session.last_used_at))
            .arg(to_millis(session.last_seen_at))
            .arg(MOST_SESSIONS);
        for (field, value) in &fields {
            create.arg(*field).arg(value.as_slice());
        }
        self.write(&create).await
    }

    async fn find(&self, key: SessionKey, now: OffsetDateTime) -> Result<Option<Session>, StoreError> {
        let name = name_of(key);
        let mut find = redis::pipe();
        find.atomic().hgetall(&name).zscore(index_of(key.customer), key.id.to_string());
        let (fields, seen_at): (HashMap<String, Vec<u8>>, Option<i64>) =
            self.run(async |connection| find.query_async(connection).await).await?;
        if fields.is_empty() {
            return Ok(None);
        }
        let session = Stored { name: &name, fields, seen_at }.session(key)?;
        Ok(Some(session).filter(|session| session.expires_at > now))
    }

    async fn list(&self, customer: CustomerId, now: OffsetDateTime) -> Result<Vec<Session>, StoreError> {
        let mut list = LIST.prepare_invoke();
        list.key(index_of(customer)).arg(prefix_of(customer));
        let found: Vec<(String, i64, HashMap<String, Vec<u8>>)> =
            self.run(async |connection| list.invoke_async(connection).await).await?;
        let sessions = found.into_iter().map(|(id, seen_at, fields)| {
            let id = SessionId::parse(&id).ok_or_else(|| corrupt(&index_of(customer), "invalid session id"))?;
            let key = SessionKey { customer, id };
            Stored { name: &name_of(key), fields, seen_at: Some(seen_at) }.session(key)
        });
        let mut sessions = sessions.collect::<Result<Vec<_>, _>>()?;
        sessions.retain(|session| session.expires_at > now);
        Ok(sessions)
    }

    async fn touch(&self, key: SessionKey, now: OffsetDateTime) -> Result<(), StoreError> {
        let mut touch = TOUCH.prepare_invoke();
        touch.key(name_of(key)).key(index_of(key.customer)).arg(key.id.to_string()).arg(to_millis(now));
        self.run(async |connection| touch.invoke_async(connection).await).await
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
        let mut rotate = ROTATE.prepare_invoke();
        rotate
            .key(&name)
            .key(index_of(rotation.session.customer))
            .arg(rotation.session.id.to_string())
            .arg(&rotation.presented.to_bytes())
            .arg(&rotation.successor.to_bytes())
            .arg(now)
            .arg(duration_millis(rotation.grace))
            .arg(duration_millis(CLOCK_SKEW))
            .arg(now.saturating_add(duration_millis(rotation.idle)))
            .arg(rotation.epoch.number())
            .arg(rotation.browser.map_or_else(Vec::new, |browser| browser.to_bytes().to_vec()))
            .arg(rotation.network.to_string());
        let answer = self.write::<Vec<Vec<u8>>>(&rotate).await;
        self.live_sessions.forget(rotation.session);
        match answer?.iter().map(Vec::as_slice).collect::<Vec<_>>()[..] {
            [b"rotated", expires_at] => Ok(RotationOutcome::Rotated { expires_at: time(&name, expires_at)? }),
            [b"repeated", expires_at] => Ok(RotationOutcome::Repeated { expires_at: time(&name, expires_at)? }),
            [b"reused"] => Ok(RotationOutcome::Reused),
            [b"gone"] => Ok(RotationOutcome::Gone),
            _ => Err(corrupt(&name, "a field is missing or not a number")),
        }
    }

    async fn end(&self, key: SessionKey) -> Result<bool, StoreError> {
        let name = name_of(key);
        let mut end = END.prepare_invoke();
        end.key(&name).key(index_of(key.customer)).arg(key.id.to_string());
        let ended = self.write(&end).await;
        self.live_sessions.forget(key);
        ended
    }

    async fn end_others(
        &self,
        customer: CustomerId,
        kept: SessionId,
        before: CredentialEpoch,
    ) -> Result<Vec<SessionId>, StoreError> {
        let mut end = END_OTHERS.prepare_invoke();
        let index = index_of(customer);
        end.key(&index).arg(prefix_of(customer)).arg(kept.to_string()).arg(before.number());
        let ended: Vec<String> = self.write(&end).await?;
        let ended: Vec<SessionId> = ended.iter().filter_map(|id| SessionId::parse(id)).collect();
        for id in &ended {
            self.live_sessions.forget(SessionKey { customer, id: *id });
        }
        Ok(ended)
    }

    async fn carry_over(
        &self,
        key: SessionKey,
        epoch: CredentialEpoch,
        browser: BrowserHash,
    ) -> Result<(), StoreError> {
        let mut carry = CARRY_OVER.prepare_invoke();
        carry.key(name_of(key)).arg(epoch.number()).arg(browser.to_bytes().as_slice());
        self.write(&carry).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check().await
    }
}

/// A session's hash, as read from Redis.
struct Stored<'a> {
    name: &'a str,
    fields: HashMap<String, Vec<u8>>,
    /// From the index.
    seen_at: Option<i64>,
}

impl Stored<'_> {
    fn session(&self, key: SessionKey) -> Result<Session, StoreError> {
        let last_used_at = self.time(field::LAST_USED_AT)?;
        let seen_at = self.seen_at.map(from_millis).transpose().map_err(|error| corrupt(self.name, error))?;
        Ok(Session {
            key,
            token: TokenHash::from_bytes(
                self.bytes(field::TOKEN)?.try_into().map_err(|error| corrupt(self.name, error))?,
            ),
            created_at: self.time(field::CREATED_AT)?,
            authenticated_at: self.time(field::AUTHENTICATED_AT)?,
            last_used_at,
            last_seen_at: seen_at.map_or(last_used_at, |seen_at| seen_at.max(last_used_at)),
            expires_at: self.time(field::EXPIRES_AT)?,
            ends_at: self.time(field::ENDS_AT)?,
            epoch: self.epoch()?,
            browser: self.browser()?,
            client: Client {
                address: self.text(field::ADDRESS)?.parse().map_err(|error| corrupt(self.name, error))?,
                device: Device {
                    browser: self.text(field::BROWSER)?.to_owned(),
                    system: self.text(field::SYSTEM)?.to_owned(),
                },
                language: None,
            },
        })
    }

    /// Returns the session's epoch. Versions without epochs stored none, which means the first.
    fn epoch(&self) -> Result<CredentialEpoch, StoreError> {
        if !self.fields.contains_key(field::EPOCH) {
            return Ok(CredentialEpoch::default());
        }
        let number = self.text(field::EPOCH)?.parse().map_err(|error| corrupt(self.name, error))?;
        Ok(CredentialEpoch::new(number))
    }

    fn browser(&self) -> Result<Option<BrowserHash>, StoreError> {
        let hash = self.fields.get(field::BROWSER_HASH);
        let hash = hash.map(|bytes| bytes.as_slice().try_into().map_err(|error| corrupt(self.name, error)));
        Ok(hash.transpose()?.map(BrowserHash::from_bytes))
    }

    fn bytes(&self, field: &str) -> Result<&[u8], StoreError> {
        let bytes = self.fields.get(field).ok_or_else(|| corrupt(self.name, format!("missing field {field}")))?;
        Ok(bytes)
    }

    fn text(&self, field: &str) -> Result<&str, StoreError> {
        str::from_utf8(self.bytes(field)?).map_err(|error| corrupt(self.name, error))
    }

    fn time(&self, field: &str) -> Result<OffsetDateTime, StoreError> {
        time(self.name, self.bytes(field)?)
    }
}

/// Parses a time in the record `name`.
fn time(name: &str, digits: &[u8]) -> Result<OffsetDateTime, StoreError> {
    let digits = str::from_utf8(digits).map_err(|error| corrupt(name, error))?;
    let millis = digits.parse().map_err(|error: std::num::ParseIntError| corrupt(name, error))?;
    from_millis(millis).map_err(|error| corrupt(name, error))
}
