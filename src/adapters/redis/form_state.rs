//! The state of forms without scripts between two pages, in Redis.

use async_trait::async_trait;
use redis::{AsyncCommands, ExistenceCheck, SetExpiry, SetOptions};
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::{RedisStore, corrupt};
use crate::adapters::{form_state_error, from_millis, to_millis};

/// The name of the record in errors. It does not include the id, which is a secret cookie value.
const RECORD: &str = "a form state";

fn name_of(id: &Id) -> String {
    format!("doorstep:{{form:{id}}}")
}

impl RedisStore {
    /// Sets the record atomically, if its id is taken or if it is free, as `existence` requires. Returns true if it was
    /// set.
    async fn set(&self, record: &Record, existence: ExistenceCheck) -> Result<bool> {
        let expires_at = to_millis(record.expiry_date);
        let lifetime = expires_at.saturating_sub(to_millis(self.clock.now()));
        // Redis refuses a lifetime of zero, so one millisecond is used instead.
        let lifetime = u64::try_from(lifetime).unwrap_or(0).max(1);
        let options = SetOptions::default().conditional_set(existence).with_expiration(SetExpiry::PX(lifetime));
        let value =
            serde_json::to_vec(&(expires_at, &record.data)).map_err(|error| Error::Encode(error.to_string()))?;
        self.run(async |connection| connection.set_options(name_of(&record.id), value, options).await)
            .await
            .map_err(|error| form_state_error(&error))
    }
}

#[async_trait]
impl SessionStore for RedisStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while !self.set(record, ExistenceCheck::NX).await? {
            // The id is in use. Overwriting its record would show one visitor's form to another.
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.set(record, ExistenceCheck::XX).await.map(drop)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let value: Option<Vec<u8>> = self
            .run(async |connection| connection.get(name_of(id)).await)
            .await
            .map_err(|error| form_state_error(&error))?;
        let record = value.map(|value| record(*id, &value)).transpose()?;
        Ok(record.filter(|record| record.expiry_date > self.clock.now()))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.run(async |connection| connection.del(name_of(id)).await).await.map_err(|error| form_state_error(&error))
    }
}

fn record(id: Id, value: &[u8]) -> Result<Record> {
    let (expires_at, data) = serde_json::from_slice(value).map_err(unreadable)?;
    let expiry_date: OffsetDateTime = from_millis(expires_at).map_err(unreadable)?;
    Ok(Record { id, data, expiry_date })
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    form_state_error(&corrupt(RECORD, error))
}
