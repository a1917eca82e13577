//! Mail that is still to be sent, in the document of the customer it is for: one write changes the customer and tells of
//! it, and a customer who is removed takes their mail along.

use async_trait::async_trait;
use mongodb::{
    IndexModel,
    bson::{Document, doc},
    options::IndexOptions,
};
use time::OffsetDateTime;

use super::{MongoStore, PATIENCE, address::binary, corrupt, document};
use crate::{
    accounts::{
        Mail, MailId,
        ports::{Outbox, StoreError, TakenMail},
    },
    domain::{CustomerId, EmailAddress, PersonName},
};

/// What is Doorstep's own in a document of the shop's, and the field of it that holds mail.
pub(super) const OUTBOX: &str = "doorstep.outbox";

#[async_trait]
impl Outbox for MongoStore {
    async fn add(&self, mail: &Mail) -> Result<(), StoreError> {
        let by_id = doc! { "_id": document::object_id(mail.customer) };
        let add = doc! { "$push": { OUTBOX: entry(mail)? } };
        self.run(PATIENCE, async move |users| users.update_one(by_id, add).await).await?;
        Ok(())
    }

    async fn take(&self, now: OffsetDateTime, until: OffsetDateTime) -> Result<Option<TakenMail>, StoreError> {
        let now = document::date(now);
        let due = doc! { OUTBOX: { "$elemMatch": { "due": { "$lte": now } } } };
        let take = doc! {
            "$set": { "doorstep.outbox.$.due": document::date(until) },
            "$inc": { "doorstep.outbox.$.attempts": 1 },
        };
        let find = async move |users: mongodb::Collection<Document>| {
            // As it was before: the first that was due is the one that was taken.
            let first = doc! { OUTBOX: 1 };
            users.find_one_and_update(due, take).sort(doc! { "doorstep.outbox.due": 1 }).projection(first).await
        };
        let Some(found) = self.run(PATIENCE, find).await? else { return Ok(None) };
        let id = found.get_object_id("_id").map_err(|error| corrupt("a customer with mail", error))?;
        let customer = CustomerId::from_bytes(id.bytes());
        let entries = found.get_document("doorstep").and_then(|own| own.get_array("outbox"));
        let entries = entries.map_err(|error| unreadable(customer, error))?;
        let is_due = |entry: &&Document| entry.get_datetime("due").is_ok_and(|due| *due <= now);
        let entry = entries.iter().filter_map(|entry| entry.as_document()).find(is_due);
        entry.map(|entry| read(customer, entry)).transpose()
    }

    async fn put_off(&self, mail: &Mail, due_at: OffsetDateTime) -> Result<(), StoreError> {
        let this =
            doc! { "_id": document::object_id(mail.customer), "doorstep.outbox.id": binary(&mail.id.to_bytes()) };
        let put_off = doc! { "$set": { "doorstep.outbox.$.due": document::date(due_at) } };
        self.run(PATIENCE, async move |users| users.update_one(this, put_off).await).await?;
        Ok(())
    }

    async fn remove(&self, mail: &Mail) -> Result<(), StoreError> {
        let by_id = doc! { "_id": document::object_id(mail.customer) };
        let remove = doc! { "$pull": { OUTBOX: { "id": binary(&mail.id.to_bytes()) } } };
        self.run(PATIENCE, async move |users| users.update_one(by_id, remove).await).await?;
        Ok(())
    }
}

impl MongoStore {
    /// Makes the index by which mail that is due is found, unless it is there. Only customers with mail are in it.
    pub(super) async fn ensure_outbox_index(&self) -> Result<(), StoreError> {
        let options = IndexOptions::builder().name("doorstep_outbox".to_owned()).sparse(true).build();
        let index = IndexModel::builder().keys(doc! { "doorstep.outbox.due": 1 }).options(options).build();
        self.run(PATIENCE, async move |users| users.create_index(index).await).await?;
        Ok(())
    }
}

/// A mail as an element of the array.
pub(super) fn entry(mail: &Mail) -> Result<Document, StoreError> {
    Ok(doc! {
        "id": binary(&mail.id.to_bytes()),
        "to": mail.to.as_str(),
        "name": mail.name.as_str(),
        "letter": serde_json::to_string(&mail.letter).map_err(|error| corrupt(mail.id.to_string(), error))?,
        "written": document::date(mail.written_at),
        "due": document::date(mail.written_at),
        "attempts": 0,
    })
}

fn read(customer: CustomerId, entry: &Document) -> Result<TakenMail, StoreError> {
    let text = |field| entry.get_str(field).map_err(|error| unreadable(customer, error));
    let id = entry.get_binary_generic("id").map_err(|error| unreadable(customer, error))?;
    let written_at = document::read_date(entry, "written");
    Ok(TakenMail {
        mail: Mail {
            id: MailId::from_bytes(id.as_slice().try_into().map_err(|error| unreadable(customer, error))?),
            customer,
            to: EmailAddress::from_store(text("to")?.to_owned()),
            name: PersonName::from_store(text("name")?.to_owned()),
            letter: serde_json::from_str(text("letter")?).map_err(|error| unreadable(customer, error))?,
            written_at: written_at.ok_or_else(|| unreadable(customer, "there is no time"))?,
        },
        attempts: entry.get_i32("attempts").ok().and_then(|before| u32::try_from(before).ok()).unwrap_or(0) + 1,
    })
}

fn unreadable(customer: CustomerId, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    corrupt(format!("a mail to {customer}"), error)
}
