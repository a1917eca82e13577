//! The roles of customers that are known, so that MongoDB is not asked anew whenever a session is refreshed.
//!
//! MongoDB itself keeps this right: a change stream tells of every customer that was changed or removed, by whatever
//! program. What is remembered is believed only while the stream is heard from; without it, or on a MongoDB that is no
//! replica set and so has none, the database is asked each time..

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

/// For how long the server waits for something to tell before it says that there is nothing.
const HEARTBEAT: Duration = Duration::from_millis(300);
/// How long that is believed. A change is known after this at the latest.
const BELIEVED: Duration = Duration::from_millis(900);
/// How long the server may be silent.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long until a stream that ended is opened anew.
const PAUSE: Duration = Duration::from_secs(2);
/// How long one stream is followed. What was remembered ends with it: a primary that was lost, with writes that only it
/// had, tells nobody that they are gone.
const LONGEST: Duration = Duration::from_hours(1);

pub(super) type Remembered = Cache<CustomerId, Standing>;

/// What the stream tells of a change.
#[derive(Deserialize)]
struct Change {
    #[serde(rename = "documentKey")]
    document: Option<Document>,
}

/// Follows the changes of `users` for as long as `workers` run.
pub(super) fn follow(users: Collection<Document>, workers: &Workers) -> Arc<Followed<Remembered>> {
    let followed = Arc::new(Followed::default());
    let roles = followed.clone();
    workers.run(Worker::CustomerChanges, move || follow_for_ever(users.clone(), roles.clone()));
    followed
}

async fn follow_for_ever(users: Collection<Document>, roles: Arc<Followed<Remembered>>) {
    loop {
        if let Ok(Err(error)) = timeout(LONGEST, hear(&users, &roles)).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "changes of customers are not heard of");
        }
        roles.forget();
        sleep(PAUSE).await;
    }
}

/// Has what is remembered believed for as long as the stream is heard from.
async fn hear(users: &Collection<Document>, roles: &Followed<Remembered>) -> mongodb::error::Result<()> {
    // Of what changed, only whose it is. A new customer was not remembered before.
    let tell = [
        doc! { "$match": { "operationType": { "$ne": "insert" } } },
        doc! { "$project": { "operationType": 1, "ns": 1, "documentKey": 1 } },
    ];
    let remembered = Arc::new(Remembered::new(REMEMBERED));
    let mut changes = users.watch().pipeline(tell).max_await_time(HEARTBEAT).await?.with_type::<Change>();
    while changes.is_alive() {
        let asked = Instant::now();
        let Ok(told) = timeout(PATIENCE, changes.next_if_any()).await else { break };
        let told = told?;
        match told {
            // So nothing had changed that was not told, when it was asked.
            None => roles.believe(&remembered, asked + BELIEVED),
            Some(change) => forget(&remembered, &change),
        }
    }
    Ok(())
}

fn forget(remembered: &Remembered, change: &Change) {
    match change.document.as_ref().and_then(|key| key.get_object_id("_id").ok()) {
        Some(id) => drop(remembered.remove(&CustomerId::from_bytes(id.bytes()))),
        // It was no customer of ours, or all of them.
        None => remembered.clear(),
    }
}
