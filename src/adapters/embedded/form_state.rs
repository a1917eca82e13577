//! The state of forms without scripts between two pages, in the embedded store.

use async_trait::async_trait;
use sqlx::{Row, sqlite::SqliteRow};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::{Embedded, failed, time, to_millis, unreadable};
use crate::adapters::form_state_error;

/// The name of the record in errors. It does not include the id, which is a secret cookie value.
const RECORD: &str = "a form state";

#[async_trait]
impl SessionStore for Embedded {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let insert = sqlx::query(
                "INSERT INTO form_state (id, data, expires_at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
            )
            .bind(bytes_of(record.id))
            .bind(data_of(record)?)
            .bind(to_millis(record.expiry_date));
            if self.write(insert, RECORD).await.map_err(|error| form_state_error(&error))? > 0 {
                return Ok(());
            }
            // The id is in use. Overwriting its record would show one visitor's form to another.
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let update = sqlx::query("UPDATE form_state SET data = ?, expires_at = ? WHERE id = ? AND expires_at > ?")
            .bind(data_of(record)?)
            .bind(to_millis(record.expiry_date))
            .bind(bytes_of(record.id))
            .bind(to_millis(self.clock.now()));
        self.write(update, RECORD).await.map(drop).map_err(|error| form_state_error(&error))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        sqlx::query("SELECT data, expires_at FROM form_state WHERE id = ? AND expires_at > ?")
            .bind(bytes_of(*id))
            .bind(to_millis(self.clock.now()))
            .try_map(|row| record(*id, &row))
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| form_state_error(&failed(RECORD)(error)))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let delete = sqlx::query("DELETE FROM form_state WHERE id = ?").bind(bytes_of(*id));
        self.write(delete, RECORD).await.map(drop).map_err(|error| form_state_error(&error))
    }
}

fn bytes_of(id: Id) -> Vec<u8> {
    id.0.to_le_bytes().to_vec()
}

fn data_of(record: &Record) -> Result<String> {
    serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))
}

fn record(id: Id, row: &SqliteRow) -> sqlx::Result<Record> {
    let data: &str = row.try_get("data")?;
    let data = serde_json::from_str(data).map_err(|error| unreadable("data", error))?;
    Ok(Record { id, data, expiry_date: time(row, "expires_at")? })
}
