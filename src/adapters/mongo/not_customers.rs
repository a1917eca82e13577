//! Documents in `users` that are not customers: their `_id` is not an `ObjectId`, or their email is not text.

use std::time::Duration;

use mongodb::{
    Collection,
    bson::{Document, doc},
};

/// How long counting may take.
const COUNTING: Duration = Duration::from_millis(1500);

/// The types that an id may have besides an `ObjectId` and text, and that an email may have besides text.
const TYPES: [&str; 7] = ["number", "object", "binData", "bool", "date", "timestamp", "null"];

/// Returns the condition on `_id` that customers satisfy.
pub(super) fn is_object_id() -> Document {
    doc! { "$type": "objectId" }
}

/// Returns the condition on `email` that customers satisfy. An array of texts has the type of its elements too.
pub(super) fn is_text() -> Document {
    doc! { "$type": "string", "$not": { "$type": "array" } }
}

/// Returns the condition on `_id` of documents that are not customers. The types are listed so that MongoDB reads only
/// these entries of the index.
fn is_other_id() -> Document {
    is_one_of(&["string"])
}

fn is_one_of(types: &[&str]) -> Document {
    let types: Vec<&str> = types.iter().chain(&TYPES).copied().collect();
    doc! { "$type": types }
}

/// Returns the number of documents that are not customers, or 0 if counting takes too long.
pub(super) async fn count(users: &Collection<Document>) -> u64 {
    let others = doc! { "$or": [
        { "_id": is_other_id() },
        { "email": null },
        { "email": is_one_of(&["objectId", "array"]) },
    ] };
    users.count_documents(others).max_time(COUNTING).await.unwrap_or_default()
}

/// Returns the number of documents with an email whose `_id` is not an `ObjectId`, or 0 if counting takes too long.
pub(super) async fn count_other_ids(users: &Collection<Document>) -> u64 {
    let others = doc! { "_id": is_other_id(), "email": is_text() };
    users.count_documents(others).max_time(COUNTING).await.unwrap_or_default()
}
