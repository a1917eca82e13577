//! Browsers that customers have logged in with, in MongoDB, which removes expired entries itself.

use std::time::Duration;

use async_trait::async_trait;
use mongodb::{
    IndexModel,
    bson::{Binary, Bson, Document, doc, spec::BinarySubtype},
    options::IndexOptions,
};
use time::OffsetDateTime;

use super::{DUPLICATE_KEY, Failure, MongoStore, TIMEOUT, bounded, code, document, migrations::STEP_TIMEOUT};
use crate::{
    accounts::{
        BrowserHash,
        ports::{Browsers, KnownBrowser, StoreError},
    },
    domain::{CredentialEpoch, CustomerId},
};

#[async_trait]
impl Browsers for MongoStore {
    async fn remember(&self, known: &KnownBrowser) -> Result<(), StoreError> {
        let (this, update) = (entry(known.customer, known.browser), vec![update(known)]);
        let browsers = self.browsers.clone();
        match bounded(TIMEOUT, async move { browsers.update_one(this, update).upsert(true).await }).await {
            // A concurrent login has inserted it.
            Err(Failure::Answered(error)) if code(&error) == Some(DUPLICATE_KEY) => Ok(()),
            written => Ok(written.map(drop)?),
        }
    }

    async fn forget(&self, customer: CustomerId, before: CredentialEpoch) -> Result<(), StoreError> {
        let browsers = self.browsers.clone();
        let number = i64::from(before.number());
        // An entry without an epoch is from the first one.
        let earlier = doc! { "customer": document::object_id(customer), "epoch": { "$not": { "$gte": number } } };
        bounded(TIMEOUT, async move { browsers.delete_many(earlier).await }).await?;
        Ok(())
    }

    async fn forget_one(&self, customer: CustomerId, browser: BrowserHash) -> Result<(), StoreError> {
        let browsers = self.browsers.clone();
        bounded(TIMEOUT, async move { browsers.delete_one(entry(customer, browser)).await }).await?;
        Ok(())
    }

    async fn knows(
        &self,
        customer: CustomerId,
        epoch: CredentialEpoch,
        browser: BrowserHash,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut this = entry(customer, browser);
        this.insert("expiresAt", doc! { "$gt": document::date(now) });
        let browsers = self.browsers.clone();
        let found = bounded(TIMEOUT, async move { browsers.find_one(this).await }).await?;
        Ok(found.is_some_and(|found| read_epoch(&found) == epoch))
    }
}

impl MongoStore {
    /// Creates the indexes if they are missing: one entry per browser, and expiry.
    pub(super) async fn ensure_browsers_indexes(&self) -> Result<(), StoreError> {
        let index = |keys, options| IndexModel::builder().keys(keys).options(options).build();
        let indexes = [
            index(doc! { "customer": 1, "browser": 1 }, IndexOptions::builder().unique(true).build()),
            index(doc! { "expiresAt": 1 }, IndexOptions::builder().expire_after(Duration::ZERO).build()),
        ];
        let browsers = self.browsers.clone();
        bounded(STEP_TIMEOUT, async move { browsers.create_indexes(indexes).await }).await?;
        Ok(())
    }
}

/// Returns the pipeline stage that stores a known browser. One that is already known in a later epoch keeps that epoch.
pub(super) fn update(known: &KnownBrowser) -> Document {
    let epoch = i64::from(known.epoch.number());
    let is_later = doc! { "$gt": [{ "$ifNull": ["$epoch", 0_i64] }, epoch] };
    let unless_later = |field: &str, value: Bson| doc! { "$cond": [&is_later, format!("${field}"), value] };
    doc! { "$set": {
        "epoch": unless_later("epoch", epoch.into()),
        "expiresAt": unless_later("expiresAt", document::date(known.expires_at).into()),
    } }
}

/// Returns the epoch of a known browser: the first if none is stored.
pub(super) fn read_epoch(entry: &Document) -> CredentialEpoch {
    let number = entry.get_i64("epoch").ok().and_then(|number| u32::try_from(number).ok());
    number.map_or_else(CredentialEpoch::default, CredentialEpoch::new)
}

pub(super) fn entry(customer: CustomerId, browser: BrowserHash) -> Document {
    let browser = Binary { subtype: BinarySubtype::Generic, bytes: browser.to_bytes().to_vec() };
    doc! { "customer": document::object_id(customer), "browser": browser }
}
