//! Counted attempts in Redis, each limit a hash that Redis itself removes when its window ends.

use std::sync::LazyLock;

use async_trait::async_trait;
use redis::Script;
use time::OffsetDateTime;

use super::{RedisStore, corrupt};
use crate::{
    accounts::ports::{AttemptLimits, Limit, LimitKey, Reservation, StoreError},
    adapters::{duration_millis, limit_name, retry_after, to_millis},
};

static RESERVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("reserve.lua")));
static GIVE_BACK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("give_back.lua")));

fn name_of(key: &LimitKey) -> String {
    format!("doorstep:{{limit:{}}}", limit_name(key))
}

#[async_trait]
impl AttemptLimits for RedisStore {
    async fn reserve(&self, key: &LimitKey, limit: Limit, now: OffsetDateTime) -> Result<Reservation, StoreError> {
        let (name, now, window) = (name_of(key), to_millis(now), duration_millis(limit.window));
        let mut reserve = RESERVE.key(&name);
        reserve.arg(now).arg(limit.attempts).arg(window).arg(now.saturating_add(window));
        let answer: Vec<String> = self.run(async |connection| reserve.invoke_async(connection).await).await?;
        match answer.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["granted"] => Ok(Reservation::Granted),
            ["refused", ends_at] => {
                let ends_at = ends_at.parse().map_err(|error: std::num::ParseIntError| corrupt(&name, error))?;
                Ok(Reservation::Refused { retry_after: retry_after(ends_at, now, limit.window) })
            }
            _ => Err(corrupt(&name, "a field is missing or no number")),
        }
    }

    async fn give_back(&self, key: &LimitKey, now: OffsetDateTime) -> Result<(), StoreError> {
        let mut give_back = GIVE_BACK.key(name_of(key));
        give_back.arg(to_millis(now));
        self.run(async |connection| give_back.invoke_async(connection).await).await
    }
}
