//! Counted attempts in the embedded store.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{Row, SqliteConnection, SqlitePool};
use time::OffsetDateTime;

use super::{Embedded, failed, to_millis};
use crate::{
    accounts::ports::{AttemptId, AttemptLimits, Limit, LimitKey, Reservation, StoreError, TIMEOUT},
    adapters::{counted::Counted, duration_millis, limit_name, wait},
};

#[async_trait]
impl AttemptLimits for Embedded {
    async fn reserve(
        &self,
        key: &LimitKey,
        limit: Limit,
        id: AttemptId,
        now: OffsetDateTime,
    ) -> Result<Reservation, StoreError> {
        let name = limit_name(key);
        reserve(&self.writer, &name, limit, id, to_millis(now)).await.map_err(failed(&name))
    }

    async fn retry_after(
        &self,
        key: &LimitKey,
        limit: Limit,
        now: OffsetDateTime,
    ) -> Result<Option<Duration>, StoreError> {
        let (name, now) = (limit_name(key), to_millis(now));
        let mut connection = self.readers.acquire().await.map_err(failed(&name))?;
        let counted = find(&mut connection, &name).await.map_err(failed(&name))?;
        drop(connection);
        let Some(counted) = counted.filter(|counted| counted.expires_at > now) else { return Ok(None) };
        let possible = counted.possible(limit, now);
        if possible != counted {
            correct(&self.writer, &name, limit, now).await.map_err(failed(&name))?;
        }
        Ok(possible.next_turn(limit, now).err().map(|millis| wait(millis, limit.window)))
    }

    async fn give_back(
        &self,
        key: &LimitKey,
        limit: Limit,
        id: AttemptId,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let name = limit_name(key);
        give_back(&self.writer, &name, limit, id, to_millis(now)).await.map_err(failed(&name))
    }
}

async fn reserve(writer: &SqlitePool, name: &str, limit: Limit, id: AttemptId, now: i64) -> sqlx::Result<Reservation> {
    // Takes the lock before reading the count, so that it cannot change before it is written.
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let reservation = reserve_locked(&mut transaction, name, limit, id, now).await?;
    transaction.commit().await?;
    Ok(reservation)
}

/// Stores the correction of times that are too far in the future, so that a wait that is announced now ends.
async fn correct(writer: &SqlitePool, name: &str, limit: Limit, now: i64) -> sqlx::Result<()> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    if let Some(counted) = find(&mut transaction, name).await? {
        counted.possible(limit, now).write(&mut transaction, name).await?;
    }
    transaction.commit().await
}

async fn reserve_locked(
    connection: &mut SqliteConnection,
    name: &str,
    limit: Limit,
    id: AttemptId,
    now: i64,
) -> sqlx::Result<Reservation> {
    let counted = if let Some(counted) = find(connection, name).await?.filter(|counted| counted.expires_at > now) {
        if let Some(attempt) = find_attempt(connection, name, id).await? {
            return Ok(granted((attempt.turn - now).clamp(0, duration_millis(TIMEOUT))));
        }
        let possible = counted.possible(limit, now);
        if possible != counted {
            possible.write(connection, name).await?;
        }
        possible
    } else {
        forget(connection, name).await?;
        Counted::nothing(limit, now)
    };
    let turn = match counted.next_turn(limit, now) {
        Ok(turn) => turn,
        Err(millis) => return Ok(Reservation::Refused { retry_after: wait(millis, limit.window) }),
    };
    sqlx::query("INSERT INTO attempts (name, id, turn, previous, expires_at) VALUES (?, ?, ?, ?, ?)")
        .bind(name)
        .bind(id.to_bytes().to_vec())
        .bind(turn)
        .bind(counted.last_at)
        .bind(counted.expires_at)
        .execute(&mut *connection)
        .await?;
    Counted { used: counted.used + 1, last_at: turn, ..counted }.write(connection, name).await?;
    Ok(granted(turn - now))
}

fn granted(millis: i64) -> Reservation {
    Reservation::Granted { wait: Duration::from_millis(millis.unsigned_abs()) }
}

async fn give_back(writer: &SqlitePool, name: &str, limit: Limit, id: AttemptId, now: i64) -> sqlx::Result<()> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let counted = find(&mut transaction, name).await?.filter(|counted| counted.used > 0 && counted.expires_at > now);
    if let (Some(counted), Some(attempt)) = (counted, find_attempt(&mut transaction, name, id).await?) {
        let last_at = match limit.steps().first() {
            Some(first) if counted.used <= first.below => 0,
            _ if counted.last_at == attempt.turn => attempt.previous,
            _ => counted.last_at,
        };
        if counted.used == 1 {
            forget(&mut transaction, name).await?;
        } else {
            Counted { used: counted.used - 1, last_at, ..counted }.write(&mut transaction, name).await?;
            let remove = sqlx::query("DELETE FROM attempts WHERE name = ? AND id = ?");
            remove.bind(name).bind(id.to_bytes().to_vec()).execute(&mut *transaction).await?;
        }
    }
    transaction.commit().await
}

/// Removes all attempts of a window.
async fn forget(connection: &mut SqliteConnection, name: &str) -> sqlx::Result<()> {
    for remove in ["DELETE FROM attempts WHERE name = ?", "DELETE FROM limits WHERE name = ?"] {
        sqlx::query(remove).bind(name).execute(&mut *connection).await?;
    }
    Ok(())
}

/// One counted attempt.
struct Attempt {
    turn: i64,
    /// When the attempt before it was due.
    previous: i64,
}

async fn find_attempt(connection: &mut SqliteConnection, name: &str, id: AttemptId) -> sqlx::Result<Option<Attempt>> {
    let found = sqlx::query("SELECT turn, previous FROM attempts WHERE name = ? AND id = ?");
    let row = found.bind(name).bind(id.to_bytes().to_vec()).fetch_optional(connection).await?;
    row.map(|row| Ok(Attempt { turn: row.try_get("turn")?, previous: row.try_get("previous")? })).transpose()
}

impl Counted {
    async fn write(&self, connection: &mut SqliteConnection, name: &str) -> sqlx::Result<()> {
        sqlx::query("INSERT OR REPLACE INTO limits (name, used, last_at, expires_at) VALUES (?, ?, ?, ?)")
            .bind(name)
            .bind(self.used)
            .bind(self.last_at)
            .bind(self.expires_at)
            .execute(connection)
            .await
            .map(drop)
    }
}

async fn find(connection: &mut SqliteConnection, name: &str) -> sqlx::Result<Option<Counted>> {
    let found = sqlx::query("SELECT used, last_at, expires_at FROM limits WHERE name = ?").bind(name);
    let row = found.fetch_optional(connection).await?;
    row.map(|row| {
        Ok(Counted {
            used: row.try_get("used")?,
            last_at: row.try_get("last_at")?,
            expires_at: row.try_get("expires_at")?,
        })
    })
    .transpose()
}
