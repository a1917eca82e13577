//! Events of accounts, in the embedded store.

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Row, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{Embedded, Statement, failed, time, to_millis, unreadable};
use crate::{
    accounts::{
        Activity, Client, Device,
        ports::{StoreError, Timeline},
    },
    adapters::unknown_event,
    domain::{CustomerId, Event},
};

/// Selects the latest events: up to a limit each of the rare kinds, which have an index of their own, and of all other
/// kinds.
static LATEST: LazyLock<Arc<str>> = LazyLock::new(|| {
    let rare = Event::ALL.into_iter().filter(|event| !event.is_frequent());
    let rare: Vec<String> = rare.map(|event| format!("'{}'", event.as_str())).collect();
    let latest = |kinds: &str| {
        format!(
            "SELECT * FROM (SELECT * FROM timeline WHERE customer = ?1 AND expires_at > ?2 AND event {kinds}
             ORDER BY at DESC, id DESC LIMIT ?3)"
        )
    };
    let rare = format!("IN ({})", rare.join(", "));
    format!("{} UNION ALL {} ORDER BY at DESC, id DESC", latest(&rare), latest(&format!("NOT {rare}"))).into()
});

#[async_trait]
impl Timeline for Embedded {
    async fn record(&self, activity: &Activity) -> Result<(), StoreError> {
        let record = insert(
            "INSERT INTO timeline (customer, event, at, count, address, browser, system, group_key, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (customer, group_key) WHERE group_key IS NOT NULL DO UPDATE SET
                at = excluded.at, count = count + excluded.count, address = excluded.address,
                browser = excluded.browser, system = excluded.system, expires_at = excluded.expires_at",
            activity,
        );
        self.write(record, activity.customer).await.map(drop)
    }

    async fn activities(
        &self,
        customer: CustomerId,
        now: OffsetDateTime,
        most: usize,
    ) -> Result<Vec<Activity>, StoreError> {
        sqlx::query(AssertSqlSafe(LATEST.clone()))
            .bind(customer.to_bytes().to_vec())
            .bind(to_millis(now))
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .try_map(|row| activity(customer, &row))
            .fetch_all(&self.readers)
            .await
            .map_err(failed(customer))
    }
}

/// Returns a statement with all fields bound: customer, event, time, count, address, browser, system, group, end.
pub(super) fn insert(sql: &'static str, activity: &Activity) -> Statement<'static> {
    let client = activity.client.as_ref();
    sqlx::query(sql)
        .bind(activity.customer.to_bytes().to_vec())
        .bind(activity.event.as_str())
        .bind(to_millis(activity.at))
        .bind(activity.count)
        .bind(client.map(|client| client.address.to_string()))
        .bind(client.map(|client| client.device.browser.clone()))
        .bind(client.map(|client| client.device.system.clone()))
        .bind(activity.group())
        .bind(to_millis(activity.expires_at))
}

pub(super) fn activity(customer: CustomerId, row: &SqliteRow) -> sqlx::Result<Activity> {
    let (event, address): (&str, Option<&str>) = (row.try_get("event")?, row.try_get("address")?);
    let client = match address {
        Some(address) => Some(Client {
            address: address.parse().map_err(|error| unreadable("address", error))?,
            device: Device { browser: row.try_get("browser")?, system: row.try_get("system")? },
            language: None,
        }),
        None => None,
    };
    Ok(Activity {
        customer,
        event: Event::parse(event).ok_or_else(|| unreadable("event", unknown_event(event)))?,
        at: time(row, "at")?,
        count: row.try_get("count")?,
        client,
        expires_at: time(row, "expires_at")?,
    })
}
