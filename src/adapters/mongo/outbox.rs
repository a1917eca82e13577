//! Pending mail in the document of its customer. One write changes the customer and adds the mail about it, and
//! removing a customer removes their mail.

use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use mongodb::{
    Collection, IndexModel,
    bson::{Binary, Bson, Document, doc},
    options::{Hint, IndexOptions},
};
use time::OffsetDateTime;

use super::{MongoStore, TIMEOUT, address::binary, corrupt, document, migrations::STEP_TIMEOUT};
use crate::{
    accounts::{
        Mail, MailId,
        ports::{LONGEST_PAUSE, Lease, Outbox, StoreError, TakenMail},
    },
    adapters::readable,
    domain::{CustomerId, EmailAddress, Language},
};

type Users = Collection<Document>;

/// The field of Doorstep's data in the shop's documents, and the field of it that holds mail.
pub(super) const OUTBOX: &str = "doorstep.outbox";

#[async_trait]
impl Outbox for MongoStore {
    async fn add(&self, mail: &Mail) -> Result<(), StoreError> {
        let by_id = doc! { "_id": document::object_id(mail.customer) };
        let add = doc! { "$push": { OUTBOX: entry(mail)? } };
        self.run(TIMEOUT, async move |users| users.update_one(by_id, add).await).await?;
        Ok(())
    }

    async fn take(&self, now: OffsetDateTime, lease: Lease, most: usize) -> Result<Vec<TakenMail>, StoreError> {
        // Mail that is due too late was put off while the clock was ahead.
        let times = [doc! { "$lte": document::date(now) }, doc! { "$gt": document::date(now + LONGEST_PAUSE) }];
        let any = |filter: fn(&Document) -> Document| doc! { "$or": times.iter().map(filter).collect::<Vec<_>>() };
        let due = any(|time| doc! { OUTBOX: { "$elemMatch": { "due": time } } });
        let due_entry = any(|time| doc! { "due.due": time });
        let find = async move |users: Users| {
            // In the order of this index. With a sort, MongoDB would read all mail that is due: it does not use the
            // order of a multikey index of which it reads a range.
            let first = users.find(due).hint(Hint::Keys(by_due())).limit(i64::try_from(most).unwrap_or(i64::MAX));
            let mut found = first.projection(doc! { "_id": 1 }).await?;
            let mut ids = Vec::new();
            while found.advance().await? {
                ids.extend(found.current().get("_id")?.map(Bson::try_from).transpose()?);
            }
            Ok(ids)
        };
        let ids = self.run(TIMEOUT, find).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mark = binary(&lease.id);
        let (customers, leased) = (doc! { "_id": { "$in": ids.clone() } }, mark.clone());
        let take = async move |users: Users| {
            let change = doc! {
                "$set": { "doorstep.outbox.$[due].due": document::date(lease.until), "doorstep.outbox.$[due].lease": leased },
                "$inc": { "doorstep.outbox.$[due].attempts": 1 },
            };
            // Only if they are still due: another instance may have taken them.
            users.update_many(customers, change).array_filters([due_entry]).await
        };
        self.run(TIMEOUT, take).await?;
        let ours = doc! { "_id": { "$in": ids }, "doorstep.outbox.lease": mark.clone() };
        let read = async move |users: Users| {
            let mut found = users.find(ours).projection(doc! { OUTBOX: 1 }).await?;
            let mut customers = Vec::new();
            while found.advance().await? {
                customers.push(Document::try_from(found.current())?);
            }
            Ok(customers)
        };
        let customers = self.run(TIMEOUT, read).await?;
        let mut taken: Vec<_> = customers.iter().flat_map(|customer| read_leased(customer, &mark)).collect();
        taken.sort_by_key(|taken| taken.mail.written_at);
        Ok(taken)
    }

    async fn latest(&self, most: usize) -> Result<Vec<Mail>, StoreError> {
        let some = [
            doc! { "$match": { "doorstep.outbox.due": { "$exists": true } } },
            doc! { "$project": { OUTBOX: 1 } },
            doc! { "$unwind": "$doorstep.outbox" },
            doc! { "$sort": { "doorstep.outbox.written": -1 } },
            doc! { "$limit": i64::try_from(most).unwrap_or(i64::MAX) },
        ];
        let read =
            async move |users: Users| users.aggregate(some).hint(Hint::Keys(by_due())).await?.try_collect().await;
        let found: Vec<Document> = self.run(TIMEOUT, read).await?;
        Ok(found.iter().filter_map(read_unwound).map(|taken| taken.mail).collect())
    }

    async fn put_off(&self, mail: &Mail, due_at: OffsetDateTime) -> Result<(), StoreError> {
        let this =
            doc! { "_id": document::object_id(mail.customer), "doorstep.outbox.id": binary(&mail.id.to_bytes()) };
        let put_off = doc! { "$set": { "doorstep.outbox.$.due": document::date(due_at) } };
        self.run(TIMEOUT, async move |users| users.update_one(this, put_off).await).await?;
        Ok(())
    }

    async fn remove(&self, mails: &[Mail]) -> Result<(), StoreError> {
        let customers: Vec<_> = mails.iter().map(|mail| document::object_id(mail.customer)).collect();
        let ids: Vec<_> = mails.iter().map(|mail| binary(&mail.id.to_bytes())).collect();
        let theirs = doc! { "_id": { "$in": customers } };
        let remove = doc! { "$pull": { OUTBOX: { "id": { "$in": ids } } } };
        self.run(TIMEOUT, async move |users| users.update_many(theirs, remove).await).await?;
        Ok(())
    }
}

impl MongoStore {
    /// Creates the index of due mail if it is missing. It contains only customers with mail.
    pub(super) async fn ensure_outbox_index(&self) -> Result<(), StoreError> {
        let options = IndexOptions::builder().name("doorstep_outbox".to_owned()).sparse(true).build();
        let index = IndexModel::builder().keys(by_due()).options(options).build();
        self.run(STEP_TIMEOUT, async move |users| users.create_index(index).await).await?;
        Ok(())
    }
}

/// Returns the keys of the index of mail.
fn by_due() -> Document {
    doc! { "doorstep.outbox.due": 1 }
}

/// Returns a mail as an element of the array.
pub(super) fn entry(mail: &Mail) -> Result<Document, StoreError> {
    Ok(doc! {
        "id": binary(&mail.id.to_bytes()),
        "to": mail.to.as_str(),
        "name": mail.stored_name(),
        "letter": serde_json::to_string(&mail.letter).map_err(|error| corrupt(mail.id.to_string(), error))?,
        "language": mail.language.code(),
        "written": document::date(mail.written_at),
        "due": document::date(mail.written_at),
        "attempts": 0,
    })
}

/// Returns a customer's mails that are leased with this mark.
fn read_leased(customer: &Document, mark: &Binary) -> Vec<TakenMail> {
    let (Ok(id), Ok(entries)) =
        (customer.get_object_id("_id"), customer.get_document("doorstep").and_then(|own| own.get_array("outbox")))
    else {
        return Vec::new();
    };
    let id = CustomerId::from_bytes(id.bytes());
    let is_ours = |entry: &&Document| entry.get_binary_generic("lease").is_ok_and(|lease| *lease == mark.bytes);
    let entries = entries.iter().filter_map(Bson::as_document).filter(is_ours);
    entries.filter_map(|entry| readable(read(id, entry))).collect()
}

/// Returns the mail of an unwound document, which holds a single mail instead of an array.
fn read_unwound(customer: &Document) -> Option<TakenMail> {
    let id = CustomerId::from_bytes(customer.get_object_id("_id").ok()?.bytes());
    readable(read(id, customer.get_document("doorstep").ok()?.get_document("outbox").ok()?))
}

pub(super) fn read(customer: CustomerId, entry: &Document) -> Result<TakenMail, StoreError> {
    let text = |field| entry.get_str(field).map_err(|error| unreadable(customer, error));
    let id = entry.get_binary_generic("id").map_err(|error| unreadable(customer, error))?;
    let written_at = document::read_date(entry, "written");
    Ok(TakenMail {
        mail: Mail {
            id: MailId::from_bytes(id.as_slice().try_into().map_err(|error| unreadable(customer, error))?),
            customer,
            to: EmailAddress::from_store(text("to")?.to_owned()),
            name: Mail::name_from_store(text("name")?.to_owned()),
            letter: serde_json::from_str(text("letter")?).map_err(|error| unreadable(customer, error))?,
            language: entry.get_str("language").ok().and_then(Language::parse).unwrap_or_default(),
            written_at: written_at.ok_or_else(|| unreadable(customer, "the time is missing"))?,
        },
        attempts: entry.get_i32("attempts").ok().and_then(|attempts| u32::try_from(attempts).ok()).unwrap_or(1),
    })
}

fn unreadable(customer: CustomerId, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    corrupt(format!("a mail to {customer}"), error)
}
