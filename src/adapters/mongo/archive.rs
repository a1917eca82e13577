//! Export and import of Doorstep's data in MongoDB. The shop's own fields are left unchanged.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use mongodb::{
    Collection,
    bson::{Bson, Document, doc},
};
use time::OffsetDateTime;

use super::{
    DUPLICATE_KEY, MongoStore,
    address::{self, binary},
    bounded, browsers, collect, corrupt, customers, document, not_customers,
    outbox::{self, OUTBOX},
    refusals::Rule,
    timeline,
};
use crate::{
    accounts::{
        Activity, BrowserHash, LinkHash,
        ports::{
            Address, Archive, Belonging, CustomerRecord, HeldCustomer, KnownBrowser, LeftOut, LeftOutReason, Page,
            Replacement, Reset, StoreError, WaitingMail,
        },
    },
    domain::{CredentialEpoch, Customer, CustomerId},
};

/// The time limit of a page or a batch. No web request waits for it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The fields of a customer in mongoose's schema.
const FIELDS: [&str; 6] = ["name", "email", "password", "role", "createdAt", "updatedAt"];

/// Doorstep's own fields of a customer. An import removes those that a record does not have.
const OWN: [&str; 10] = [
    customers::DISABLED,
    customers::LANGUAGE,
    customers::VERIFICATION,
    customers::RESET,
    customers::CHANGE,
    customers::FORMER,
    customers::FORMER_EMAILS,
    customers::SECURED_AT,
    document::PASSWORD_CHANGED_AT,
    document::EPOCH,
];

/// Returns the projection of all fields of a customer.
fn all_fields() -> Document {
    FIELDS.iter().chain(&OWN).map(|field| ((*field).to_owned(), 1.into())).collect()
}

#[async_trait]
impl Archive for MongoStore {
    async fn customers(&self, after: Option<CustomerId>, most: usize) -> Result<Page, StoreError> {
        let id = after.map_or_else(not_customers::is_object_id, |id| doc! { "$gt": document::object_id(id) });
        let after = doc! { "_id": id, "email": not_customers::is_text() };
        let (fields, users, most) = (all_fields(), self.users.clone(), i64::try_from(most).unwrap_or(i64::MAX));
        let read = async move {
            collect(users.find(after).sort(doc! { "_id": 1 }).limit(most).projection(fields).await?).await
        };
        let found = bounded(TIMEOUT, read).await?;
        Ok(Page {
            customers: found.iter().map(record).collect(),
            last: found.last().and_then(|last| id_of(last, "_id")),
        })
    }

    async fn belongings(&self, customers: &[CustomerId]) -> Result<Vec<Result<Belonging, StoreError>>, StoreError> {
        let ids: Vec<_> = customers.iter().map(|id| document::object_id(*id)).collect();
        let (theirs, with_mail) = (
            doc! { "customer": { "$in": &ids } },
            doc! { "_id": { "$in": &ids }, "doorstep.outbox.due": { "$exists": true } },
        );
        let (known, happened, users) = (self.browsers.clone(), self.timeline.clone(), self.users.clone());
        let read = async move {
            let known = known.find(theirs.clone()).sort(doc! { "customer": 1, "browser": 1 });
            let happened = happened.find(theirs).sort(doc! { "customer": 1, "at": 1, "_id": 1 });
            let waiting = users.find(with_mail).sort(doc! { "_id": 1 }).projection(doc! { OUTBOX: 1 });
            Ok([collect(known.await?).await?, collect(happened.await?).await?, collect(waiting.await?).await?])
        };
        let [known, happened, waiting] = bounded(TIMEOUT, read).await?;
        let mut belongings: Vec<_> = known.iter().map(browser).collect();
        belongings.extend(happened.iter().map(activity));
        belongings.extend(waiting.iter().flat_map(mails));
        Ok(belongings)
    }

    async fn put_customers(&self, records: &[CustomerRecord]) -> Result<Vec<LeftOut>, StoreError> {
        let held = self.held(records).await?;
        let (mut left_out, mut places, mut updates) = (Vec::new(), Vec::new(), Vec::new());
        for (index, record) in records.iter().enumerate() {
            let held = held.get(&record.customer.id);
            let epoch = match held.map(|held| record.replacement_of(&held_customer(held))) {
                Some(Replacement::Same) => continue,
                Some(Replacement::Older) => {
                    left_out.push(LeftOut { index, reason: LeftOutReason::Older });
                    continue;
                }
                Some(Replacement::Newer(epoch)) => epoch,
                None => record.customer.epoch,
            };
            places.push(index);
            updates.push(put_customer(record, epoch, held));
        }
        for refused in update(&self.users, updates).await? {
            let index =
                refused.get_i32("index").ok().and_then(|index| places.get(usize::try_from(index).ok()?).copied());
            let (Some(index), Some(reason)) = (index, left_out_reason(&refused)) else {
                return Err(refusal("users", &refused));
            };
            left_out.push(LeftOut { index, reason });
        }
        Ok(left_out)
    }

    async fn put_belongings(&self, belongings: &[Belonging]) -> Result<(), StoreError> {
        let [mut known, mut happened, mut waiting] = [const { Vec::new() }; 3];
        for belonging in belongings {
            match belonging {
                Belonging::Browser(browser) => known.push(put_browser(*browser)),
                Belonging::Activity(activity) => happened.push(put_activity(activity)),
                Belonging::Mail(mail) => waiting.push(put_mail(mail)?),
            }
        }
        for (collection, updates) in [(&self.browsers, known), (&self.timeline, happened), (&self.users, waiting)] {
            if let Some(refused) = update(collection, updates).await?.first() {
                return Err(refusal(collection.name(), refused));
            }
        }
        Ok(())
    }
}

impl MongoStore {
    /// Reads the customers that records may replace.
    async fn held(&self, records: &[CustomerRecord]) -> Result<HashMap<CustomerId, Document>, StoreError> {
        let ids: Vec<_> = records.iter().map(|record| document::object_id(record.customer.id)).collect();
        let (fields, users) = (all_fields(), self.users.clone());
        let read = async move { collect(users.find(doc! { "_id": { "$in": ids } }).projection(fields).await?).await };
        let found = bounded(TIMEOUT, read).await?;
        Ok(found.into_iter().filter_map(|found| Some((id_of(&found, "_id")?, found))).collect())
    }
}

/// Reads the fields that decide if a record replaces a customer. Unreadable fields differ from every record.
fn held_customer(found: &Document) -> HeldCustomer {
    HeldCustomer {
        epoch: document::read_epoch(found),
        updated_at: document::read_updated_at(found).unwrap_or(OffsetDateTime::UNIX_EPOCH),
        password: document::read_password(found),
        email: found.get_str("email").unwrap_or_default().to_owned(),
        disabled: document::is_disabled(found),
        record: record(found).ok(),
    }
}

/// Returns why a customer was left out, or `None` if the write was refused for another reason. A customer who was
/// changed between the read and the write is newer than the record.
fn left_out_reason(refused: &Document) -> Option<LeftOutReason> {
    let keys = refused.get_document("keyPattern").ok().filter(|_| refused.get_i32("code") == Ok(DUPLICATE_KEY))?;
    match keys.keys().map(String::as_str).collect::<Vec<_>>()[..] {
        ["email"] => Some(LeftOutReason::AddressTaken),
        ["_id"] => Some(LeftOutReason::Older),
        _ => None,
    }
}

/// Runs many updates at once, and returns those that were refused. The driver's bulk write needs a newer MongoDB.
async fn update(collection: &Collection<Document>, updates: Vec<Document>) -> Result<Vec<Document>, StoreError> {
    if updates.is_empty() {
        return Ok(Vec::new());
    }
    let command = doc! {
        "update": collection.name(),
        "updates": updates,
        "ordered": false,
        "writeConcern": { "w": "majority", "j": true },
    };
    let database = collection.client().database(&collection.namespace().db);
    let mut answer = bounded(TIMEOUT, async move { database.run_command(command).await }).await?;
    if let Ok(error) = answer.get_document("writeConcernError") {
        return Err(refusal(collection.name(), error));
    }
    let refused = match answer.remove("writeErrors") {
        Some(Bson::Array(refused)) => refused,
        _ => Vec::new(),
    };
    Ok(refused.into_iter().filter_map(|refused| refused.as_document().cloned()).collect())
}

/// Returns the error for a refused write. Leaves out the server's own message, since it quotes the written data.
fn refusal(collection: &str, refused: &Document) -> StoreError {
    let code = refused.get_i32("code").unwrap_or_default();
    let rule = Rule::of_write_error(refused).map(|rule| format!(" by {rule}")).unwrap_or_default();
    corrupt(format!("the collection {collection}"), format!("write refused{rule} (code {code})"))
}

/// Returns the update that replaces `held`, or inserts a new customer. If the customer was changed meanwhile, the
/// upsert would insert a second document with the same id, and is refused.
fn put_customer(record: &CustomerRecord, epoch: CredentialEpoch, held: Option<&Document>) -> Document {
    let CustomerRecord { customer, password, reset, address } = record;
    let mut own = Document::new();
    let mut add = |name, part: Option<Document>| part.map(|part| own.insert(name, part));
    add("verification", address.verification.as_ref().map(address::verification));
    add("reset", reset.as_ref().map(customers::reset_document));
    add("change", address.change.as_ref().map(address::change));
    if !address.former.is_empty() {
        own.insert("formerEmails", address::former(&address.former));
    }
    if let Some(secured_at) = address.secured_at {
        own.insert("securedAt", document::date(secured_at));
    }
    let mut set = document::write(&Customer { epoch, ..customer.clone() }, password.as_ref(), own);
    // Set separately, since the shop and Doorstep have other fields beside them.
    let own = set.remove("doorstep");
    let own = own.as_ref().and_then(Bson::as_document).cloned().unwrap_or_default();
    set.extend(own.into_iter().map(|(field, value)| (format!("doorstep.{field}"), value)));
    let (id, version) = (set.remove("_id"), set.remove("__v"));
    let gone = OWN.iter().chain(&["password"]).filter(|field| !set.contains_key(**field));
    let gone: Document = gone.map(|field| ((*field).to_owned(), "".into())).collect();
    let mut change = doc! { "$set": set, "$setOnInsert": { "__v": version } };
    // Some MongoDB versions refuse an empty `$unset`.
    if !gone.is_empty() {
        change.insert("$unset", gone);
    }
    let own = held.and_then(|held| held.get_document("doorstep").ok());
    let unchanged = |value: Option<&Bson>| value.map_or(doc! { "$exists": false }, |value| doc! { "$eq": value });
    let this = doc! {
        "_id": id,
        "updatedAt": unchanged(held.and_then(|held| held.get("updatedAt"))),
        document::EPOCH: unchanged(own.and_then(|own| own.get("epoch"))),
    };
    doc! { "q": this, "u": change, "upsert": true }
}

fn put_browser(known: KnownBrowser) -> Document {
    doc! { "q": browsers::entry(known.customer, known.browser), "u": [browsers::update(&known)], "upsert": true }
}

/// Returns the update that adds an event, unless it exists. If a group has an entry already, the later one stays.
fn put_activity(activity: &Activity) -> Document {
    let mut entry = timeline::write(activity);
    let customer = document::object_id(activity.customer);
    if let Some(group) = activity.group() {
        entry.remove("customer");
        let is_later = doc! { "$gte": ["$at", document::date(activity.at)] };
        // A literal, since a browser's name may start with `$`.
        let unless_later = |(field, value): (String, Bson)| {
            let told = doc! { "$cond": [&is_later, format!("${field}"), { "$literal": value }] };
            (field, Bson::from(told))
        };
        let update: Document = entry.into_iter().map(unless_later).collect();
        return doc! { "q": { "customer": customer, "group": group }, "u": [{ "$set": update }], "upsert": true };
    }
    let until = entry.remove("expiresAt");
    if activity.client.is_none() {
        entry.insert("address", doc! { "$exists": false });
    }
    doc! { "q": entry, "u": { "$set": { "expiresAt": until } }, "upsert": true }
}

fn put_mail(WaitingMail { mail, due_at, attempts }: &WaitingMail) -> Result<Document, StoreError> {
    let mut entry = outbox::entry(mail)?;
    entry.insert("due", document::date(*due_at));
    entry.insert("attempts", i32::try_from(*attempts).unwrap_or(i32::MAX));
    let unless_there = doc! {
        "_id": document::object_id(mail.customer),
        "doorstep.outbox.id": { "$ne": binary(&mail.id.to_bytes()) },
    };
    Ok(doc! { "q": unless_there, "u": { "$push": { OUTBOX: entry } } })
}

fn record(found: &Document) -> Result<CustomerRecord, StoreError> {
    let customer = document::read_customer(found)?;
    let unreadable = || corrupt(customer.id.to_string(), "a pending action of the customer is malformed");
    let own = found.get_document("doorstep").ok();
    let reset = own.and_then(|own| own.get_document("reset").ok());
    Ok(CustomerRecord {
        password: document::read_password(found),
        reset: reset.map(|part| read_reset(part).ok_or_else(unreadable)).transpose()?,
        address: own.map_or_else(|| Ok(Address::default()), |own| address::read(own).ok_or_else(unreadable))?,
        customer,
    })
}

fn read_reset(part: &Document) -> Option<Reset> {
    let hash = LinkHash::from_bytes(address::bytes(part, "hash")?);
    Some(Reset { hash, expires_at: document::read_date(part, "expires")? })
}

fn browser(entry: &Document) -> Result<Belonging, StoreError> {
    let read = || {
        let browser = BrowserHash::from_bytes(address::bytes(entry, "browser")?);
        let (epoch, expires_at) = (browsers::read_epoch(entry), document::read_date(entry, "expiresAt")?);
        Some(Belonging::Browser(KnownBrowser { customer: id_of(entry, "customer")?, browser, epoch, expires_at }))
    };
    read().ok_or_else(|| corrupt("a browser", "malformed record"))
}

fn activity(entry: &Document) -> Result<Belonging, StoreError> {
    let customer = id_of(entry, "customer").ok_or_else(|| corrupt("an entry of a timeline", "no customer id"))?;
    Ok(Belonging::Activity(timeline::read(customer, entry)?))
}

/// Returns the mails of a customer in the order in which they were written.
fn mails(customer: &Document) -> Vec<Result<Belonging, StoreError>> {
    let entries = customer.get_document("doorstep").and_then(|own| own.get_array("outbox"));
    let (Some(id), Ok(entries)) = (id_of(customer, "_id"), entries) else { return Vec::new() };
    let mail = |entry: &Document| {
        let due_at = document::read_date(entry, "due");
        let due_at = due_at.ok_or_else(|| corrupt(format!("a mail to {id}"), "the due time is missing"))?;
        let taken = outbox::read(id, entry)?;
        Ok(Belonging::Mail(Box::new(WaitingMail { mail: taken.mail, due_at, attempts: taken.attempts })))
    };
    entries.iter().filter_map(Bson::as_document).map(mail).collect()
}

fn id_of(document: &Document, field: &str) -> Option<CustomerId> {
    Some(CustomerId::from_bytes(document.get_object_id(field).ok()?.bytes()))
}
