//! The health check: MongoDB is ready only if the customers can be read and written. A user without rights, a view or
//! a set without a majority may answer a ping.

use mongodb::{
    Collection,
    bson::{Document, doc},
};

use super::{DUPLICATE_KEY, Failure, MongoStore, StoreError, TIMEOUT, bounded, code, refused};

/// The id of the document that the health check writes, beside the schema version.
const TRIAL: &str = "trial";

impl MongoStore {
    /// Returns `Ok` if the server answers and a trial succeeded recently or succeeds now.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        let both = async {
            let ping = async |users: Collection<Document>| {
                users.client().database("admin").run_command(doc! { "ping": 1 }).await
            };
            self.run(TIMEOUT, ping).await?;
            self.trials.try_writing(self.try_both(), refused).await
        };
        match tokio::time::timeout(TIMEOUT, both).await {
            Ok(checked) => checked,
            Err(elapsed) => Err(Failure::Silent(elapsed.into()).into()),
        }
    }

    async fn try_both(&self) -> Result<(), StoreError> {
        let (users, schema) = (self.users.clone(), self.schema.clone());
        let both = async move {
            try_users(&users).await?;
            write_trial(&schema).await
        };
        Ok(bounded(TIMEOUT, both).await?)
    }
}

/// Reads a customer, and sends an update that matches none: it needs the same rights as any other, and writes nothing.
async fn try_users(users: &Collection<Document>) -> mongodb::error::Result<()> {
    users.find_one(doc! {}).projection(doc! { "_id": 1 }).await?;
    let nothing = doc! { "_id": { "$in": [] } };
    users.update_one(nothing, doc! { "$unset": { "doorstep.trial": "" } }).await.map(drop)
}

/// Writes the time to the disks of a majority. The server's clock sets it.
async fn write_trial(schema: &Collection<Document>) -> mongodb::error::Result<()> {
    let now = doc! { "$currentDate": { "at": true } };
    match schema.update_one(doc! { "_id": TRIAL }, now).upsert(true).await {
        // Another instance inserted it at the same time.
        Err(error) if code(&error) == Some(DUPLICATE_KEY) => Ok(()),
        written => written.map(drop),
    }
}
