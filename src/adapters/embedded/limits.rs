//! Counted attempts in the embedded store.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::{Embedded, failed, to_millis};
use crate::{
    accounts::ports::{AttemptLimits, Limit, LimitKey, Reservation, StoreError},
    adapters::{duration_millis, limit_name, retry_after},
};

#[async_trait]
impl AttemptLimits for Embedded {
    async fn reserve(&self, key: &LimitKey, limit: Limit, now: OffsetDateTime) -> Result<Reservation, StoreError> {
        let (name, now) = (limit_name(key), to_millis(now));
        // One statement starts a window, starts it anew, counts, or does nothing.
        let reserve = sqlx::query(
            "INSERT INTO limits (name, used, expires_at) VALUES (?1, 1, ?2)
             ON CONFLICT (name) DO UPDATE SET
                used = iif(expires_at <= ?3, 1, used + 1),
                expires_at = iif(expires_at <= ?3, ?2, expires_at)
             WHERE expires_at <= ?3 OR used < ?4",
        )
        .bind(&name)
        .bind(now.saturating_add(duration_millis(limit.window)))
        .bind(now)
        .bind(limit.attempts);
        if self.write(reserve, &name).await? > 0 {
            return Ok(Reservation::Granted);
        }
        // The refusal stands; should the window be swept away at this very moment, there is nothing to wait for.
        let ends_at: Option<i64> = sqlx::query_scalar("SELECT expires_at FROM limits WHERE name = ?")
            .bind(&name)
            .fetch_optional(&self.readers)
            .await
            .map_err(failed(&name))?;
        Ok(Reservation::Refused { retry_after: retry_after(ends_at.unwrap_or(now), now, limit.window) })
    }

    async fn give_back(&self, key: &LimitKey, now: OffsetDateTime) -> Result<(), StoreError> {
        let name = limit_name(key);
        let give_back = sqlx::query("UPDATE limits SET used = used - 1 WHERE name = ? AND used > 0 AND expires_at > ?")
            .bind(&name)
            .bind(to_millis(now));
        self.write(give_back, &name).await.map(drop)
    }
}
