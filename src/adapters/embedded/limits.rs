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
    let counted = match find(&mut transaction, name).await?.filter(|counted| counted.expires_at > now) {
        Some(counted) => counted,
        None => Counted { used: 0, last_at: 0, expires_at: now.saturating_add(duration_millis(limit.window)) },
    };
    let Some(step) = limit.steps.iter().find(|step| counted.used < step.below) else {
        return Ok(refused(counted.expires_at - now, limit.window));
    };
    let turn = now.max(counted.last_at.saturating_add(duration_millis(step.delay)).min(counted.expires_at));
    if turn - now > duration_millis(PATIENCE) {
        return Ok(refused(turn - now, limit.window));
    }
    sqlx::query("INSERT OR REPLACE INTO limits (name, used, last_at, expires_at) VALUES (?, ?, ?, ?)")
        .bind(name)
        .bind(counted.used + 1)
        .bind(turn)
        .bind(counted.expires_at)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(Reservation::Granted { wait: std::time::Duration::from_millis((turn - now).unsigned_abs()) })
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
