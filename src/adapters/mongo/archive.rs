//! All that MongoDB holds for Doorstep, to be carried elsewhere, and what comes from elsewhere. Fields of the shop's own
//! stay where they are.

use std::time::Duration;

use async_trait::async_trait;
use mongodb::{
    Collection,
    bson::{Bson, Document, doc},
};

use super::{
    DUPLICATE_KEY, MongoStore,
    address::{self, binary},
    bounded, browsers, collect, corrupt, customers, document,
    outbox::{self, OUTBOX},
    timeline,
};
use crate::{
    accounts::{
        Activity, BrowserHash, LinkHash,
        ports::{Address, Archive, Belonging, CustomerRecord, KnownBrowser, Page, Reset, StoreError, WaitingMail},
    },
    domain::CustomerId,
};

/// How long a page or a batch may take. Nobody waits for it in front of a page.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a customer has as mongoose would have it.
const FIELDS: [&str; 6] = ["name", "email", "password", "role", "createdAt", "updatedAt"];

/// What a customer may have of Doorstep's own, and loses where a record does not say it.
const OWN: [&str; 9] = [
    customers::DISABLED,
    customers::LANGUAGE,
    customers::VERIFICATION,
    customers::RESET,
    customers::CHANGE,
    customers::FORMER,
    customers::FORMER_EMAILS,
    customers::SECURED_AT,
    document::PASSWORD_CHANGED_AT,
];

#[async_trait]
impl Archive for MongoStore {
    async fn customers(&self, after: Option<CustomerId>, most: usize) -> Result<Page, StoreError> {
        // By another kind of id, nobody is a customer.
        let first = doc! { "_id": { "$type": "objectId" } };
        let after = after.map_or(first, |id| doc! { "_id": { "$gt": document::object_id(id) } });
        let fields: Document =
            FIELDS.iter().chain(&OWN).chain([&document::EPOCH]).map(|field| ((*field).to_owned(), 1.into())).collect();
        let (users, most) = (self.users.clone(), i64::try_from(most).unwrap_or(i64::MAX));
        let read = async move {
            collect(users.find(after).sort(doc! { "_id": 1 }).limit(most).projection(fields).await?).await
        };
        let found = bounded(PATIENCE, read).await?;
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
        let [known, happened, waiting] = bounded(PATIENCE, read).await?;
        let mut belongings: Vec<_> = known.iter().map(browser).collect();
        belongings.extend(happened.iter().map(activity));
        belongings.extend(waiting.iter().flat_map(mails));
        Ok(belongings)
    }

    async fn put_customers(&self, records: &[CustomerRecord]) -> Result<Vec<usize>, StoreError> {
        let updates = records.iter().map(put_customer).collect();
        let mut conflicts = Vec::new();
        for refused in update(&self.users, updates).await? {
            let by_address = refused.get_document("keyPattern").is_ok_and(|keys| keys.keys().eq(["email"]));
            if refused.get_i32("code") != Ok(DUPLICATE_KEY) || !by_address {
                return Err(refusal("users", &refused));
            }
            conflicts.extend(refused.get_i32("index").ok().and_then(|index| usize::try_from(index).ok()));
        }
        Ok(conflicts)
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

/// Makes many updates at once, and says which were refused. The driver's own way to do so needs a newer MongoDB.
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
    let mut answer = bounded(PATIENCE, async move { database.run_command(command).await }).await?;
    if let Ok(error) = answer.get_document("writeConcernError") {
        return Err(refusal(collection.name(), error));
    }
    let refused = match answer.remove("writeErrors") {
        Some(Bson::Array(refused)) => refused,
        _ => Vec::new(),
    };
    Ok(refused.into_iter().filter_map(|refused| refused.as_document().cloned()).collect())
}

/// What it means that a write was refused. The server's own words are left out, since they quote what was written.
fn refusal(collection: &str, refused: &Document) -> StoreError {
    let (code, keys) = (refused.get_i32("code").unwrap_or_default(), refused.get_document("keyPattern").ok());
    let keys =
        keys.map(|keys| format!(" by the unique index on {}", keys.keys().cloned().collect::<Vec<_>>().join(", ")));
    corrupt(
        format!("the collection {collection}"),
        format!("a write was refused{} (code {code})", keys.unwrap_or_default()),
    )
}

fn put_customer(record: &CustomerRecord) -> Document {
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
    let mut set = document::write(customer, password.as_ref(), own);
    // Field by field, since others of the shop's and of Doorstep's stand beside them.
    let own = set.remove("doorstep");
    let own = own.as_ref().and_then(Bson::as_document).cloned().unwrap_or_default();
    set.extend(own.into_iter().map(|(field, value)| (format!("doorstep.{field}"), value)));
    // An epoch never runs back: what was void would be valid again.
    let epoch = set.remove(document::EPOCH);
    let (id, version) = (set.remove("_id"), set.remove("__v"));
    let gone = OWN.iter().chain(&["password"]).filter(|field| !set.contains_key(**field));
    let gone: Document = gone.map(|field| ((*field).to_owned(), "".into())).collect();
    let mut change = doc! { "$set": set, "$setOnInsert": { "__v": version } };
    if let Some(epoch) = epoch {
        change.insert("$max", doc! { document::EPOCH: epoch });
    }
    // Not every MongoDB takes one that unsets nothing.
    if !gone.is_empty() {
        change.insert("$unset", gone);
    }
    doc! { "q": { "_id": id }, "u": change, "upsert": true }
}

fn put_browser(known: KnownBrowser) -> Document {
    doc! { "q": browsers::entry(known.customer, known.browser), "u": [browsers::update(&known)], "upsert": true }
}

/// Adds what happened, unless it is there. Events of a group are as they are told here.
fn put_activity(activity: &Activity) -> Document {
    let mut entry = timeline::write(activity);
    let customer = document::object_id(activity.customer);
    if let Some(group) = activity.group() {
        entry.remove("customer");
        return doc! { "q": { "customer": customer, "group": group }, "u": { "$set": entry }, "upsert": true };
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
    let unreadable = || corrupt(customer.id.to_string(), "what is awaited of the customer is not as it was written");
    let own = found.get_document("doorstep").ok();
    let reset = own.and_then(|own| own.get_document("reset").ok());
    Ok(CustomerRecord {
        password: document::read_password(found)?,
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
    read().ok_or_else(|| corrupt("a browser", "it is not as it was written"))
}

fn activity(entry: &Document) -> Result<Belonging, StoreError> {
    let customer = id_of(entry, "customer").ok_or_else(|| corrupt("an entry of a timeline", "it is nobody's"))?;
    Ok(Belonging::Activity(timeline::read(customer, entry)?))
}

/// The mails of a customer, in the order in which they were written.
fn mails(customer: &Document) -> Vec<Result<Belonging, StoreError>> {
    let entries = customer.get_document("doorstep").and_then(|own| own.get_array("outbox"));
    let (Some(id), Ok(entries)) = (id_of(customer, "_id"), entries) else { return Vec::new() };
    let mail = |entry: &Document| {
        let due_at = document::read_date(entry, "due");
        let due_at = due_at.ok_or_else(|| corrupt(format!("a mail to {id}"), "it is never due"))?;
        let taken = outbox::read(id, entry)?;
        Ok(Belonging::Mail(Box::new(WaitingMail { mail: taken.mail, due_at, attempts: taken.attempts })))
    };
    entries.iter().filter_map(Bson::as_document).map(mail).collect()
}

fn id_of(document: &Document, field: &str) -> Option<CustomerId> {
    Some(CustomerId::from_bytes(document.get_object_id(field).ok()?.bytes()))
}
