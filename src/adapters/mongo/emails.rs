//! The addresses in `users`, which other programs write too: the unique index on them, and how many are unusable.

use std::time::Duration;

use mongodb::{
    Collection, Cursor, IndexModel,
    bson::{Bson, Document, doc},
    options::{Collation, IndexOptions},
};
use tokio::time::timeout;

use super::{
    DUPLICATE_KEY, Failure, INDEX_CONFLICTS, MongoStore, StoreError, TIMEOUT, code, collect, corrupt,
    migrations::STEP_TIMEOUT, not_customers, text,
};
use crate::domain::EmailAddress;

/// The maximum number of unusable addresses that are counted, and how long that may take. It reads the whole index.
const MOST_COUNTED: u64 = 1000;
const COUNTING: Duration = Duration::from_millis(1500);

/// The name of the unique index: mongoose's, or another one if the shop's index of that name has a collation.
const NAME: &str = "email_1";
const NAME_BESIDE_COLLATION: &str = "doorstep_email";

/// Which index on the address a collection has.
enum Present {
    /// One that keeps addresses unique, and by which they are found.
    Unique,
    /// None that is in the way of a unique one.
    Missing,
    /// A unique one of our name, which compares addresses by a collation. A query for an address cannot use it.
    ByCollation,
    /// One of our name that does not keep addresses unique.
    NotUnique,
}

impl MongoStore {
    /// Creates the unique index on the address, unless there is one. It is the index that mongoose creates, or contains
    /// only addresses that are text if several documents have none.
    pub(super) async fn ensure_unique_email(&self) -> Result<(), StoreError> {
        let made = self.create_unique_email(NAME).await;
        if !is_conflict(&made) {
            return unique_email(made);
        }
        match self.run(TIMEOUT, present).await? {
            Present::Unique => Ok(()),
            Present::ByCollation => unique_email(self.create_unique_email(NAME_BESIDE_COLLATION).await),
            Present::Missing | Present::NotUnique => unique_email(made),
        }
    }

    async fn create_unique_email(&self, name: &'static str) -> Result<(), Failure> {
        let create = |filter| {
            async move |users: Collection<Document>| users.create_index(unique_index(name, filter)).await.map(drop)
        };
        match self.run(STEP_TIMEOUT, create(None)).await {
            Err(Failure::Answered(error)) if code(&error) == Some(DUPLICATE_KEY) => {}
            made => return made,
        }
        self.run(STEP_TIMEOUT, create(Some(text_only()))).await
    }
}

fn unique_index(name: &str, filter: Option<Document>) -> IndexModel {
    let options = IndexOptions::builder().name(name.to_owned()).unique(true).partial_filter_expression(filter);
    // Set explicitly, since the collection may have another collation.
    let options = options.collation(by_code_points()).build();
    IndexModel::builder().keys(doc! { "email": 1 }).options(options).build()
}

/// Returns the collation by which addresses are equal only if they are the same text.
pub(super) fn by_code_points() -> Collation {
    Collation::builder().locale("simple").build()
}

/// Returns true if another index is in the way of a new one.
fn is_conflict(made: &Result<(), Failure>) -> bool {
    matches!(made, Err(Failure::Answered(error)) if code(error).is_some_and(|code| INDEX_CONFLICTS.contains(&code)))
}

/// Returns the result of creating the index, with an error that says what is wrong with the collection.
fn unique_email(made: Result<(), Failure>) -> Result<(), StoreError> {
    let conflicts = is_conflict(&made);
    match made {
        Err(Failure::Answered(error)) if code(&error) == Some(DUPLICATE_KEY) => Err(shared(text(&error))),
        Err(Failure::Answered(error)) if conflicts => Err(not_unique(text(&error))),
        made => Ok(made?),
    }
}

/// Returns the filter of an index of addresses that are text. A query for an address uses such an index, which it does
/// not with `$type`.
fn text_only() -> Document {
    doc! { "email": { "$gt": "" } }
}

fn shared(reason: String) -> StoreError {
    corrupt("the collection users: several customers share an email address", reason)
}

fn not_unique(reason: String) -> StoreError {
    corrupt("the collection users: its index on email is not unique", reason)
}

/// Returns the error of [`MongoStore::ensure_unique_email`] on this collection, if there will be one, without writing.
pub(super) async fn unique_email_error(users: &Collection<Document>) -> mongodb::error::Result<Option<StoreError>> {
    match present(users.clone()).await? {
        Present::Unique => Ok(None),
        Present::NotUnique => Ok(Some(not_unique(format!("the start needs a unique one, and {NAME} is in its way")))),
        Present::Missing | Present::ByCollation => {
            let count = count_shared(users).await?;
            Ok((count > 0).then(|| shared(format!("the number of such addresses is {count}"))))
        }
    }
}

/// Returns the number of addresses that several documents have.
async fn count_shared(users: &Collection<Document>) -> mongodb::error::Result<usize> {
    let shared = [
        doc! { "$match": { "email": not_customers::is_text() } },
        doc! { "$group": { "_id": "$email", "documents": { "$sum": 1 } } },
        doc! { "$match": { "documents": { "$gt": 1 } } },
        doc! { "$limit": i64::try_from(MOST_COUNTED).unwrap_or(i64::MAX) },
        doc! { "$project": { "_id": 0 } },
    ];
    collect(users.aggregate(shared).collation(by_code_points()).allow_disk_use(true).await?)
        .await
        .map(|found| found.len())
}

/// Returns which index on the address there is.
async fn present(users: Collection<Document>) -> mongodb::error::Result<Present> {
    let mut indexes = users.list_indexes().await?;
    let mut present = Present::Missing;
    while indexes.advance().await? {
        let IndexModel { keys, options: Some(options), .. } = indexes.deserialize_current()? else { continue };
        let is_unique = options.unique == Some(true) && keys.keys().eq(["email"]);
        if is_unique
            && options.collation.is_none()
            && options.partial_filter_expression.as_ref().is_none_or(has_all_text)
        {
            return Ok(Present::Unique);
        }
        if options.name.as_deref() == Some(NAME) {
            let by_collation = is_unique && options.collation.is_some();
            present = if by_collation { Present::ByCollation } else { Present::NotUnique };
        }
    }
    Ok(present)
}

/// Returns the fields of the index of this name, if they can be read.
pub(super) async fn fields_of(users: &Collection<Document>, name: &str) -> Option<Vec<String>> {
    let mut indexes = users.list_indexes().await.ok()?;
    while indexes.advance().await.ok()? {
        let IndexModel { keys, options, .. } = indexes.deserialize_current().ok()?;
        if options.is_some_and(|options| options.name.as_deref() == Some(name)) {
            return Some(keys.keys().cloned().collect());
        }
    }
    None
}

/// Returns true if an index with this filter contains every address that is text.
fn has_all_text(filter: &Document) -> bool {
    let by_type = |name: Bson| doc! { "email": { "$type": name } };
    let exists = doc! { "email": { "$exists": true } };
    [text_only(), by_type("string".into()), by_type(2.into()), exists].contains(filter)
}

/// Returns the number of customers whose address is not stored in its canonical form, so that no login finds it, up to
/// [`MOST_COUNTED`]. Returns those found so far if counting takes too long.
pub(super) async fn count_unusable(users: &Collection<Document>) -> u64 {
    let mut count = 0;
    // The result is in `count`. An error means that it is too low.
    let _ = timeout(COUNTING, async {
        let mut found = may_be_unusable(users).await?;
        while count < MOST_COUNTED && found.advance().await? {
            count += u64::from(found.current().get_str("email").is_ok_and(is_unusable));
        }
        Ok::<_, mongodb::error::Error>(())
    })
    .await;
    count
}

/// Finds addresses that have capital letters, or anything that is not visible ASCII. Others are canonical.
async fn may_be_unusable(users: &Collection<Document>) -> mongodb::error::Result<Cursor<Document>> {
    // The conditions on the type let it read any unique index instead of the documents.
    let email = doc! { "$regex": r"[^\x21-\x7e]|[A-Z]", "$gt": "", "$type": "string" };
    let unusable = doc! { "email": email, "_id": not_customers::is_object_id() };
    let found = users.find(unusable).projection(doc! { "_id": 0, "email": 1 });
    found.collation(by_code_points()).max_time(COUNTING).await
}

fn is_unusable(stored: &str) -> bool {
    EmailAddress::parse(stored).map_or(true, |email| email.as_str() != stored)
}
