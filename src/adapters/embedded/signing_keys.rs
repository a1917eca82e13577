//! Signing keys in the embedded store.

use async_trait::async_trait;
use sqlx::{Row, sqlite::SqliteRow};

use super::{Embedded, failed, time, to_millis};
use crate::accounts::{
    SealedKey,
    ports::{SigningKeys, StoreError},
};

/// The name in errors.
const RECORD: &str = "a signing key";

#[async_trait]
impl SigningKeys for Embedded {
    async fn list(&self) -> Result<Vec<SealedKey>, StoreError> {
        sqlx::query("SELECT * FROM signing_keys ORDER BY number")
            .try_map(|row: SqliteRow| {
                Ok(SealedKey {
                    number: row.try_get("number")?,
                    created_at: time(&row, "created_at")?,
                    signs_from: time(&row, "signs_from")?,
                    sealed: row.try_get("sealed")?,
                })
            })
            .fetch_all(&self.readers)
            .await
            .map_err(failed(RECORD))
    }

    async fn add(&self, key: &SealedKey) -> Result<bool, StoreError> {
        let insert = sqlx::query(
            "INSERT INTO signing_keys (number, created_at, signs_from, sealed) VALUES (?, ?, ?, ?)
             ON CONFLICT (number) DO NOTHING",
        )
        .bind(key.number)
        .bind(to_millis(key.created_at))
        .bind(to_millis(key.signs_from))
        .bind(&key.sealed);
        self.write(insert, RECORD).await.map(|added| added > 0)
    }

    async fn remove(&self, numbers: &[u32]) -> Result<(), StoreError> {
        for number in numbers {
            self.write(sqlx::query("DELETE FROM signing_keys WHERE number = ?").bind(number), RECORD).await?;
        }
        Ok(())
    }
}
