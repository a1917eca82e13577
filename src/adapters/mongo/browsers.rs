//! The browsers that customers signed in by, in MongoDB, which removes by itself what has expired.

use std::time::Duration;

use async_trait::async_trait;
use mongodb::{
    IndexModel,
    bson::{Binary, Document, doc, spec::BinarySubtype},
    options::IndexOptions,
};
use time::OffsetDateTime;

use super::{DUPLICATE_KEY, Failure, MongoStore, PATIENCE, bounded, code, document, migrations::STEP_PATIENCE};
use crate::{
    accounts::{
        BrowserHash,
        ports::{Browsers, StoreError},
    },
    domain::CustomerId,
};

#[async_trait]
impl Browsers for MongoStore {
    async fn remember(
        &self,
        customer: CustomerId,
        browser: BrowserHash,
        expires_at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let (this, until) = (entry(customer, browser), doc! { "$set": { "expiresAt": document::date(expires_at) } });
        let browsers = self.browsers.clone();
        match bounded(PATIENCE, async move { browsers.update_one(this, until).upsert(true).await }).await {
            // Two logins at once: the other one has written it.
            Err(Failure::Answered(error)) if code(&error) == Some(DUPLICATE_KEY) => Ok(()),
            written => Ok(written.map(drop)?),
        }
    }

    async fn forget_all(&self, customer: CustomerId) -> Result<(), StoreError> {
        let browsers = self.browsers.clone();
        let theirs = doc! { "customer": document::object_id(customer) };
        bounded(PATIENCE, async move { browsers.delete_many(theirs).await }).await?;
        Ok(())
    }

    async fn knows(&self, customer: CustomerId, browser: BrowserHash, now: OffsetDateTime) -> Result<bool, StoreError> {
        let mut this = entry(customer, browser);
        this.insert("expiresAt", doc! { "$gt": document::date(now) });
        let browsers = self.browsers.clone();
        Ok(bounded(PATIENCE, async move { browsers.find_one(this).await }).await?.is_some())
    }
}

impl MongoStore {
    /// Makes the indexes, unless they are there: one entry a browser, and MongoDB removes what has expired.
    pub(super) async fn ensure_browsers_indexes(&self) -> Result<(), StoreError> {
        let index = |keys, options| IndexModel::builder().keys(keys).options(options).build();
        let indexes = [
            index(doc! { "customer": 1, "browser": 1 }, IndexOptions::builder().unique(true).build()),
            index(doc! { "expiresAt": 1 }, IndexOptions::builder().expire_after(Duration::ZERO).build()),
        ];
        let browsers = self.browsers.clone();
        bounded(STEP_PATIENCE, async move { browsers.create_indexes(indexes).await }).await?;
        Ok(())
    }
}

pub(super) fn entry(customer: CustomerId, browser: BrowserHash) -> Document {
    let browser = Binary { subtype: BinarySubtype::Generic, bytes: browser.to_bytes().to_vec() };
    doc! { "customer": document::object_id(customer), "browser": browser }
}
