//! Signing keys in MongoDB. They must survive the loss of Redis.

use async_trait::async_trait;
use mongodb::bson::{Binary, Document, doc, spec::BinarySubtype};

use super::{DUPLICATE_KEY, Failure, MongoStore, TIMEOUT, bounded, code, collect, corrupt, document};
use crate::accounts::{
    SealedKey,
    ports::{SigningKeys, StoreError},
};

#[async_trait]
impl SigningKeys for MongoStore {
    async fn list(&self) -> Result<Vec<SealedKey>, StoreError> {
        let keys = self.signing_keys.clone();
        let found = bounded(TIMEOUT, async move { collect(keys.find(doc! {}).sort(doc! { "_id": 1 }).await?).await });
        found.await?.iter().map(read).collect()
    }

    async fn add(&self, key: &SealedKey) -> Result<bool, StoreError> {
        let entry = doc! {
            "_id": i64::from(key.number),
            "createdAt": document::date(key.created_at),
            "signsFrom": document::date(key.signs_from),
            "sealed": Binary { subtype: BinarySubtype::Generic, bytes: key.sealed.clone() },
        };
        let keys = self.signing_keys.clone();
        match bounded(TIMEOUT, async move { keys.insert_one(entry).await }).await {
            Err(Failure::Answered(error)) if code(&error) == Some(DUPLICATE_KEY) => Ok(false),
            added => Ok(added.map(|_| true)?),
        }
    }

    async fn remove(&self, numbers: &[u32]) -> Result<(), StoreError> {
        let these = doc! { "_id": { "$in": numbers.iter().map(|number| i64::from(*number)).collect::<Vec<_>>() } };
        let keys = self.signing_keys.clone();
        bounded(TIMEOUT, async move { keys.delete_many(these).await }).await?;
        Ok(())
    }
}

fn read(entry: &Document) -> Result<SealedKey, StoreError> {
    let unreadable = |what: &str| corrupt(format!("the signing key {:?}", entry.get("_id")), what.to_owned());
    let date = |field| document::read_date(entry, field).ok_or_else(|| unreadable(field));
    Ok(SealedKey {
        number: entry.get_i64("_id").ok().and_then(|number| number.try_into().ok()).ok_or_else(|| unreadable("_id"))?,
        created_at: date("createdAt")?,
        signs_from: date("signsFrom")?,
        sealed: entry.get_binary_generic("sealed").map_err(|_| unreadable("sealed"))?.clone(),
    })
}
