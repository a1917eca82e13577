//! Events of accounts, in a MongoDB collection of Doorstep's own. MongoDB removes expired entries itself.

use std::time::Duration;

use async_trait::async_trait;
use mongodb::{
    Collection, IndexModel,
    bson::{Bson, Document, doc},
    options::IndexOptions,
};
use time::OffsetDateTime;

use super::{MongoStore, TIMEOUT, bounded, collect, corrupt, document, migrations::STEP_TIMEOUT};
use crate::{
    accounts::{
        Activity, Client, Device,
        ports::{StoreError, Timeline},
    },
    adapters::unknown_event,
    domain::{CustomerId, Event},
};

#[async_trait]
impl Timeline for MongoStore {
    async fn record(&self, activity: &Activity) -> Result<(), StoreError> {
        let entry = write(activity);
        let timeline = self.timeline.clone();
        match activity.group() {
            None => {
                bounded(TIMEOUT, async move { timeline.insert_one(entry).await }).await?;
            }
            Some(group) => {
                let group = doc! { "customer": document::object_id(activity.customer), "group": group };
                let mut last = entry;
                let count = last.remove("count").unwrap_or(Bson::Int64(1));
                last.remove("customer");
                let sum = doc! { "$set": last, "$inc": { "count": count } };
                bounded(TIMEOUT, async move { timeline.update_one(group, sum).upsert(true).await }).await?;
            }
        }
        Ok(())
    }

    async fn activities(
        &self,
        customer: CustomerId,
        now: OffsetDateTime,
        most: usize,
    ) -> Result<Vec<Activity>, StoreError> {
        let (rare, frequent) =
            tokio::try_join!(self.latest(customer, now, most, false), self.latest(customer, now, most, true))?;
        let mut latest = [frequent, rare].concat();
        latest.sort_by_key(|activity| std::cmp::Reverse(activity.at));
        Ok(latest)
    }
}

impl MongoStore {
    /// Returns the `most` latest events of the frequent kinds or of the rare ones.
    async fn latest(
        &self,
        customer: CustomerId,
        now: OffsetDateTime,
        most: usize,
        frequent: bool,
    ) -> Result<Vec<Activity>, StoreError> {
        let kinds = Event::ALL.into_iter().filter(|event| event.is_frequent() == frequent);
        let kept = doc! {
            "customer": document::object_id(customer),
            "event": { "$in": kinds.map(Event::as_str).collect::<Vec<_>>() },
            "expiresAt": { "$gt": document::date(now) },
        };
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let timeline = self.timeline.clone();
        let found = bounded(TIMEOUT, async move {
            // The index is ordered by time for each kind, and MongoDB merges the kinds. So it reads few more entries
            // than requested, however many there are.
            collect(timeline.find(kept).sort(doc! { "at": -1 }).limit(most).await?).await
        });
        found.await?.iter().map(|entry| read(customer, entry)).collect()
    }

    /// Creates the index for the latest events of some kinds, if it is missing.
    pub(super) async fn ensure_kinds_index(&self) -> Result<(), StoreError> {
        let index = IndexModel::builder().keys(doc! { "customer": 1, "event": 1, "at": -1 }).build();
        let timeline: Collection<Document> = self.timeline.clone();
        bounded(STEP_TIMEOUT, async move { timeline.create_index(index).await }).await?;
        Ok(())
    }

    /// Creates the index by which events are grouped, if it is missing.
    pub(super) async fn ensure_group_index(&self) -> Result<(), StoreError> {
        let grouped = doc! { "group": { "$exists": true } };
        let options = IndexOptions::builder().unique(true).partial_filter_expression(grouped).build();
        let index = IndexModel::builder().keys(doc! { "customer": 1, "group": 1 }).options(options).build();
        let timeline: Collection<Document> = self.timeline.clone();
        bounded(STEP_TIMEOUT, async move { timeline.create_index(index).await }).await?;
        Ok(())
    }

    /// Creates the indexes of the timeline if they are missing.
    pub(super) async fn ensure_timeline_indexes(&self) -> Result<(), StoreError> {
        let index = |keys, options| IndexModel::builder().keys(keys).options(options).build();
        let failures = doc! { "hour": { "$exists": true } };
        let indexes = [
            index(doc! { "customer": 1, "at": -1 }, IndexOptions::default()),
            index(
                doc! { "customer": 1, "hour": 1 },
                IndexOptions::builder().unique(true).partial_filter_expression(failures).build(),
            ),
            index(doc! { "expiresAt": 1 }, IndexOptions::builder().expire_after(Duration::ZERO).build()),
        ];
        let timeline: Collection<Document> = self.timeline.clone();
        bounded(STEP_TIMEOUT, async move { timeline.create_indexes(indexes).await }).await?;
        Ok(())
    }
}

pub(super) fn write(activity: &Activity) -> Document {
    let mut entry = doc! {
        "customer": document::object_id(activity.customer),
        "event": activity.event.as_str(),
        "at": document::date(activity.at),
        "count": i64::from(activity.count),
        "expiresAt": document::date(activity.expires_at),
    };
    if let Some(Client { address, device, .. }) = &activity.client {
        entry.extend(doc! { "address": address.to_string(), "browser": &device.browser, "system": &device.system });
    }
    entry
}

pub(super) fn read(customer: CustomerId, entry: &Document) -> Result<Activity, StoreError> {
    let unreadable = |error: &dyn std::error::Error| corrupt(format!("the timeline of {customer}"), error.to_string());
    let text = |field| entry.get_str(field).map_err(|error| unreadable(&error));
    let date = |field| document::read_date(entry, field).ok_or_else(|| unreadable(&unknown_event(field)));
    let client = match entry.get_str("address") {
        Ok(address) => Some(Client {
            address: address.parse().map_err(|error: std::net::AddrParseError| unreadable(&error))?,
            device: Device { browser: text("browser")?.to_owned(), system: text("system")?.to_owned() },
            language: None,
        }),
        Err(_) => None,
    };
    let event = text("event")?;
    Ok(Activity {
        customer,
        event: Event::parse(event).ok_or_else(|| unreadable(&unknown_event(event)))?,
        at: date("at")?,
        count: entry.get_i64("count").ok().and_then(|count| count.try_into().ok()).unwrap_or(1),
        client,
        expires_at: date("expiresAt")?,
    })
}
