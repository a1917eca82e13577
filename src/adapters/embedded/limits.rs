//! Counted attempts in the embedded store.

use async_trait::async_trait;
use sqlx::{Row, SqliteConnection, SqlitePool};
use time::OffsetDateTime;

use super::{Embedded, failed, to_millis};
use crate::{
    accounts::ports::{AttemptLimits, Limit, LimitKey, PATIENCE, Reservation, StoreError},
    adapters::{duration_millis, limit_name, refused},
};

#[async_trait]
impl AttemptLimits for Embedded {
    async fn reserve(&self, key: &LimitKey, limit: Limit, now: OffsetDateTime) -> Result<Reservation, StoreError> {
        let name = limit_name(key);
        reserve(&self.writer, &name, limit, to_millis(now)).await.map_err(failed(&name))
    }

    async fn give_back(&self, key: &LimitKey, limit: Limit, now: OffsetDateTime) -> Result<(), StoreError> {
        let name = limit_name(key);
        let give_back = sqlx::query(
            "UPDATE limits SET used = used - 1, last_at = iif(used <= ?, 0, last_at)
             WHERE name = ? AND used > 0 AND expires_at > ?",
        )
        .bind(limit.steps.first().map_or(0, |step| step.below))
        .bind(&name)
        .bind(to_millis(now));
        self.write(give_back, &name).await.map(drop)
    }
}

/// What has been counted.
struct Counted {
    used: u32,
    last_at: i64,
    expires_at: i64,
}

async fn reserve(writer: &SqlitePool, name: &str, limit: Limit, now: i64) -> sqlx::Result<Reservation> {
    // The lock is taken before the count is read: what was read still holds when it is written.
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let reservation = reserve_locked(&mut transaction, name, limit, now).await?;
    transaction.commit().await?;
    Ok(reservation)
}

async fn reserve_locked(
    connection: &mut SqliteConnection,
    name: &str,
    limit: Limit,
    now: i64,
) -> sqlx::Result<Reservation> {
    let window_ends = now.saturating_add(duration_millis(limit.window));
    let counted = match find(connection, name).await?.filter(|counted| counted.expires_at > now) {
        Some(counted) => counted.set_back(connection, name, now, window_ends).await?,
        None => Counted { used: 0, last_at: 0, expires_at: window_ends },
    };
    let Some(step) = limit.steps.iter().find(|step| counted.used < step.below) else {
        return Ok(refused(counted.expires_at - now, limit.window));
    };
    let turn = now.max(counted.last_at.saturating_add(duration_millis(step.delay)).min(counted.expires_at));
    if turn - now > duration_millis(PATIENCE) {
        return Ok(refused(turn - now, limit.window));
    }
    Counted { used: counted.used + 1, last_at: turn, ..counted }.write(connection, name).await?;
    Ok(Reservation::Granted { wait: std::time::Duration::from_millis((turn - now).unsigned_abs()) })
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
