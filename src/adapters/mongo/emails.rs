//! The addresses in `users`, which other programs write too: the unique index on them, and how many are unusable.

use std::time::Duration;

use mongodb::{
    Collection, IndexModel,
    bson::{Bson, Document, doc},
    options::IndexOptions,
};

use super::{DUPLICATE_KEY, Failure, INDEX_CONFLICTS, MongoStore, StoreError, TIMEOUT, code, corrupt, text};
use crate::adapters::mongo::migrations::STEP_TIMEOUT;

/// The maximum number of unusable addresses that are counted, and how long that may take. It reads the whole index.
const MOST_COUNTED: u64 = 1000;
const COUNTING: Duration = Duration::from_millis(1500);

impl MongoStore {
    /// Creates the unique index on the address, unless there is one. It is the index that mongoose creates, or contains
    /// only addresses that are text if several documents have none.
    pub(super) async fn ensure_unique_email(&self) -> Result<(), StoreError> {
        match self.create_unique_email(None).await {
            Err(Failure::Answered(error)) if code(&error) == Some(DUPLICATE_KEY) => {}
            made => return self.unique_email(made).await,
        }
        let made = self.create_unique_email(Some(text_only())).await;
        self.unique_email(made).await
    }

    async fn create_unique_email(&self, filter: Option<Document>) -> Result<(), Failure> {
        let options =
            IndexOptions::builder().name("email_1".to_owned()).unique(true).partial_filter_expression(filter).build();
        let index = IndexModel::builder().keys(doc! { "email": 1 }).options(options).build();
        self.run(STEP_TIMEOUT, async move |users| users.create_index(index).await).await.map(drop)
    }

    /// Returns `Ok` if the index was made, or another one keeps addresses unique.
    async fn unique_email(&self, made: Result<(), Failure>) -> Result<(), StoreError> {
        match made {
            Err(Failure::Answered(error)) if code(&error) == Some(DUPLICATE_KEY) => {
                Err(corrupt("the collection users: several customers share an email address", error.kind.to_string()))
            }
            Err(Failure::Answered(error)) if code(&error).is_some_and(|code| INDEX_CONFLICTS.contains(&code)) => {
                if self.run(TIMEOUT, has_unique_email).await? {
                    return Ok(());
                }
                Err(corrupt("the collection users: its index on email is not unique", text(&error)))
            }
            made => Ok(made?),
        }
    }
}

/// Returns the filter of an index of addresses that are text. A query for an address uses such an index, which it does
/// not with `$type`.
fn text_only() -> Document {
    doc! { "email": { "$gt": "" } }
}

/// Returns true if an index of any name keeps addresses unique.
async fn has_unique_email(users: Collection<Document>) -> mongodb::error::Result<bool> {
    let mut indexes = users.list_indexes().await?;
    while indexes.advance().await? {
        let IndexModel { keys, options: Some(options), .. } = indexes.deserialize_current()? else { continue };
        if keys.keys().eq(["email"])
            && options.unique == Some(true)
            && options.partial_filter_expression.as_ref().is_none_or(has_all_text)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns true if an index with this filter contains every address that is text.
fn has_all_text(filter: &Document) -> bool {
    let by_type = |name: Bson| doc! { "email": { "$type": name } };
    let exists = doc! { "email": { "$exists": true } };
    [text_only(), by_type("string".into()), by_type(2.into()), exists].contains(filter)
}

/// Returns the number of addresses that are not canonical, up to [`MOST_COUNTED`]: they have capital letters, or blanks
/// at an end. Returns 0 if counting takes too long.
pub(super) async fn count_unusable(users: &Collection<Document>) -> u64 {
    // The conditions on the type let it read any unique index instead of the documents.
    let unusable = doc! { "email": { "$regex": r"[A-Z]|^\s|\s$", "$gt": "", "$type": "string" } };
    users.count_documents(unusable).limit(MOST_COUNTED).max_time(COUNTING).await.unwrap_or_default()
}
