//! Counted attempts in Redis, each limit a hash that Redis itself removes when its window ends.

use std::{sync::LazyLock, time::Duration};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use redis::Script;
use time::OffsetDateTime;

use super::{RedisStore, corrupt};
use crate::{
    accounts::ports::{AttemptId, AttemptLimits, Limit, LimitKey, PATIENCE, Reservation, StoreError},
    adapters::{duration_millis, limit_name, refused, to_millis},
};

static RESERVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("reserve.lua")));
static GIVE_BACK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("give_back.lua")));

fn name_of(key: &LimitKey) -> String {
    format!("doorstep:{{limit:{}}}", limit_name(key))
}

fn text_of(id: AttemptId) -> String {
    URL_SAFE_NO_PAD.encode(id.to_bytes())
}

#[async_trait]
impl AttemptLimits for RedisStore {
    async fn reserve(
        &self,
        key: &LimitKey,
        limit: Limit,
        id: AttemptId,
        now: OffsetDateTime,
    ) -> Result<Reservation, StoreError> {
        let name = name_of(key);
        let mut reserve = RESERVE.key(&name);
        reserve.arg(to_millis(now)).arg(duration_millis(limit.window)).arg(duration_millis(PATIENCE)).arg(text_of(id));
        for step in limit.steps() {
            reserve.arg(step.below).arg(duration_millis(step.delay));
        }
        let answer: Vec<String> = self.run(async |connection| reserve.invoke_async(connection).await).await?;
        let millis = |text: &str| text.parse::<u32>().map_err(|error| corrupt(&name, error));
        match answer.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["granted", wait] => Ok(Reservation::Granted { wait: Duration::from_millis(millis(wait)?.into()) }),
            ["refused", after] => Ok(refused(millis(after)?.into(), limit.window)),
            _ => Err(corrupt(&name, "a field is missing or no number")),
        }
    }

    async fn give_back(
        &self,
        key: &LimitKey,
        limit: Limit,
        id: AttemptId,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut give_back = GIVE_BACK.key(name_of(key));
        give_back.arg(to_millis(now)).arg(limit.steps().first().map_or(0, |step| step.below)).arg(text_of(id));
        self.run(async |connection| give_back.invoke_async(connection).await).await
    }
}
