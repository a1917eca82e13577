//! A cache of customers' roles, so that refreshing a session needs no query to MongoDB.
//!
//! A change stream reports every customer that was changed or removed, by any program, and invalidates the cache. The
//! cache is used only while the stream responds. Without it, or on a MongoDB that is not a replica set and has no
//! change streams, every refresh queries the database.

use std::{sync::Arc, time::Duration};

use mongodb::{
    Collection,
    bson::{Document, doc},
};
use quick_cache::sync::Cache;
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    accounts::ports::Standing,
    adapters::recall::{Followed, REMEMBERED},
    domain::CustomerId,
    workers::{Worker, Workers},
};

/// How long the server waits for a change before it reports that there is none.
const HEARTBEAT: Duration = Duration::from_millis(300);
/// How long the cache is valid after such a report. A change is effective after this time at the latest.
const BELIEVED: Duration = Duration::from_millis(900);
/// How long the server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// How long to wait before a stream that ended is reopened.
const PAUSE: Duration = Duration::from_secs(2);
/// How long one stream is used. The cache is dropped with it: after a failover, the stream does not report writes that
/// were rolled back.
const LONGEST: Duration = Duration::from_hours(1);

pub(super) type Remembered = Cache<CustomerId, Standing>;

/// A change in the stream.
#[derive(Deserialize)]
struct Change {
    #[serde(rename = "documentKey")]
    document: Option<Document>,
}

/// Follows the changes of `users` for as long as `workers` run.
pub(super) fn follow(users: Collection<Document>, workers: &Workers) -> Arc<Followed<Remembered>> {
    let followed = Arc::new(Followed::default());
    let roles = followed.clone();
    workers.run(Worker::CustomerChanges, move || follow_continuously(users.clone(), roles.clone()));
    followed
}

async fn follow_continuously(users: Collection<Document>, roles: Arc<Followed<Remembered>>) {
    loop {
        if let Ok(Err(error)) = timeout(LONGEST, hear(&users, &roles)).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "customer change stream interrupted");
        }
        roles.forget();
        sleep(PAUSE).await;
    }
}

/// Keeps the cache valid for as long as the stream responds.
async fn hear(users: &Collection<Document>, roles: &Followed<Remembered>) -> mongodb::error::Result<()> {
    // Only the ids of changed customers. A new customer cannot be in the cache.
    let tell = [
        doc! { "$match": { "operationType": { "$ne": "insert" } } },
        doc! { "$project": { "operationType": 1, "ns": 1, "documentKey": 1 } },
    ];
    let remembered = Arc::new(Remembered::new(REMEMBERED));
    let mut changes = users.watch().pipeline(tell).max_await_time(HEARTBEAT).await?.with_type::<Change>();
    while changes.is_alive() {
        let asked = Instant::now();
        let Ok(told) = timeout(TIMEOUT, changes.next_if_any()).await else { break };
        let told = told?;
        match told {
            // All changes before the request have been reported.
            None => roles.believe(&remembered, asked + BELIEVED),
            Some(change) => forget(&remembered, &change),
        }
    }
    Ok(())
}

fn forget(remembered: &Remembered, change: &Change) {
    match change.document.as_ref().and_then(|key| key.get_object_id("_id").ok()) {
        Some(id) => drop(remembered.remove(&CustomerId::from_bytes(id.bytes()))),
        // The event has no customer id, for example when the collection was dropped.
        None => remembered.clear(),
    }
}
