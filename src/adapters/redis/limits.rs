//! Counted attempts in Redis. Each limit is a hash that Redis removes when its window ends.

use std::{sync::LazyLock, time::Duration};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use redis::{Cmd, Script};
use time::OffsetDateTime;

use super::{RedisStore, corrupt};
use crate::{
    accounts::ports::{AttemptId, AttemptLimits, Limit, LimitKey, Reservation, StoreError, TIMEOUT},
    adapters::{counted::Counted, duration_millis, limit_name, to_millis, wait},
};

static RESERVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("reserve.lua")));
static CORRECT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("correct.lua")));
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
        reserve.arg(to_millis(now)).arg(duration_millis(limit.window)).arg(duration_millis(TIMEOUT)).arg(text_of(id));
        for step in limit.steps() {
            reserve.arg(step.below).arg(duration_millis(step.delay));
        }
        let answer: Vec<String> = self.run(async |connection| reserve.invoke_async(connection).await).await?;
        let millis = |text: &str| text.parse::<u32>().map_err(|error| corrupt(&name, error));
        match answer.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["granted", wait] => Ok(Reservation::Granted { wait: Duration::from_millis(millis(wait)?.into()) }),
            ["refused", after] => Ok(Reservation::Refused { retry_after: wait(millis(after)?.into(), limit.window) }),
            _ => Err(corrupt(&name, "a field is missing or not a number")),
        }
    }

    async fn retry_after(
        &self,
        key: &LimitKey,
        limit: Limit,
        now: OffsetDateTime,
    ) -> Result<Option<Duration>, StoreError> {
        let (name, now) = (name_of(key), to_millis(now));
        let read = Cmd::hmget(&name, &["used", "last_at", "expires_at"]);
        let fields: Vec<Option<String>> = self.run(async |connection| read.query_async(connection).await).await?;
        if fields.iter().all(Option::is_none) {
            return Ok(None);
        }
        let corrupt = || corrupt(&name, "a field is missing or not a number");
        let numbers: Option<Vec<i64>> = fields.iter().map(|field| field.as_deref()?.parse().ok()).collect();
        let &[used, last_at, expires_at] = numbers.as_deref().ok_or_else(corrupt)? else { return Err(corrupt()) };
        let counted = Counted { used: u32::try_from(used).map_err(|_| corrupt())?, last_at, expires_at };
        if expires_at <= now {
            return Ok(None);
        }
        let possible = counted.possible(limit, now);
        if possible != counted {
            let mut correct = CORRECT.key(&name);
            correct.arg(now).arg(duration_millis(limit.window)).arg(duration_millis(TIMEOUT));
            let () = self.run(async |connection| correct.invoke_async(connection).await).await?;
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
        let mut give_back = GIVE_BACK.key(name_of(key));
        give_back.arg(to_millis(now)).arg(limit.steps().first().map_or(0, |step| step.below)).arg(text_of(id));
        self.run(async |connection| give_back.invoke_async(connection).await).await
    }
}
