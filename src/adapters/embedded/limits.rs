//! Counted attempts in the embedded store.

use async_trait::async_trait;
use sqlx::{Row, SqliteConnection, SqlitePool};
use time::OffsetDateTime;

use super::{Embedded, failed, to_millis};
use crate::{
    accounts::ports::{AttemptId, AttemptLimits, Limit, LimitKey, PATIENCE, Reservation, StoreError},
    adapters::{duration_millis, limit_name, refused},
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

/// What has been counted.
struct Counted {
    used: u32,
    last_at: i64,
    expires_at: i64,
}

async fn reserve(writer: &SqlitePool, name: &str, limit: Limit, id: AttemptId, now: i64) -> sqlx::Result<Reservation> {
    // The lock is taken before the count is read: what was read still holds when it is written.
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let reservation = reserve_locked(&mut transaction, name, limit, id, now).await?;
    transaction.commit().await?;
    Ok(reservation)
}

async fn reserve_locked(
    connection: &mut SqliteConnection,
    name: &str,
    limit: Limit,
    id: AttemptId,
    now: i64,
) -> sqlx::Result<Reservation> {
    let window_ends = now.saturating_add(duration_millis(limit.window));
    let counted = if let Some(counted) = find(connection, name).await?.filter(|counted| counted.expires_at > now) {
        if let Some(attempt) = find_attempt(connection, name, id).await? {
            return Ok(granted((attempt.turn - now).clamp(0, duration_millis(PATIENCE))));
        }
        counted.set_back(connection, name, now, window_ends).await?
    } else {
        // What was counted in the window before goes with it.
        sqlx::query("DELETE FROM attempts WHERE name = ?").bind(name).execute(&mut *connection).await?;
        Counted { used: 0, last_at: 0, expires_at: window_ends }
    };
    let Some(step) = limit.steps().iter().find(|step| counted.used < step.below) else {
        return Ok(refused(counted.expires_at - now, limit.window));
    };
    let turn = now.max(counted.last_at.saturating_add(duration_millis(step.delay)).min(counted.expires_at));
    if turn - now > duration_millis(PATIENCE) {
        return Ok(refused(turn - now, limit.window));
    }
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
    Reservation::Granted { wait: std::time::Duration::from_millis(millis.unsigned_abs()) }
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
        Counted { used: counted.used - 1, last_at, ..counted }.write(&mut transaction, name).await?;
        let remove = sqlx::query("DELETE FROM attempts WHERE name = ? AND id = ?");
        remove.bind(name).bind(id.to_bytes().to_vec()).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// One counted attempt.
struct Attempt {
    turn: i64,
    /// When the attempt before it had its turn.
    previous: i64,
}

async fn find_attempt(connection: &mut SqliteConnection, name: &str, id: AttemptId) -> sqlx::Result<Option<Attempt>> {
    let found = sqlx::query("SELECT turn, previous FROM attempts WHERE name = ? AND id = ?");
    let row = found.bind(name).bind(id.to_bytes().to_vec()).fetch_optional(connection).await?;
    row.map(|row| Ok(Attempt { turn: row.try_get("turn")?, previous: row.try_get("previous")? })).transpose()
}

impl Counted {
    /// Times that cannot be, since the clock was set back, become ones that can: nobody waits for the hour to return.
    async fn set_back(
        self,
        connection: &mut SqliteConnection,
        name: &str,
        now: i64,
        window_ends: i64,
    ) -> sqlx::Result<Self> {
        let is_ahead = self.last_at - now > duration_millis(PATIENCE);
        if !is_ahead && self.expires_at <= window_ends {
            return Ok(self);
        }
        let last_at = if is_ahead { now } else { self.last_at };
        let counted = Self { last_at, expires_at: self.expires_at.min(window_ends), ..self };
        counted.write(connection, name).await?;
        Ok(counted)
    }

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
