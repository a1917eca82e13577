//! Customers in MongoDB.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use mongodb::{
    Collection,
    bson::{Document, doc},
    options::ReadConcern,
};
use time::OffsetDateTime;
use tokio::time::timeout;

use super::{
    DUPLICATE_KEY, Failure, MongoStore, PATIENCE,
    address::{self, binary},
    code, corrupt, document,
    migrations::STEP_PATIENCE,
    outbox::{self, OUTBOX},
};
use crate::{
    accounts::{
        LinkHash, Mail,
        ports::{
            Address, AddressError, Credentials, Customers, EmailChange, FormerEmail, Notified, PasswordHash, Reset,
            Securing, StoreError, Verification,
        },
    },
    adapters::recall::recall,
    domain::{Customer, CustomerId, EmailAddress, Language, Role},
};

/// How long a new customer may take to be written, so that there is time left to ask where that stays unclear. The
/// driver alone takes half a second before it speaks again to a server that it lost.
const INSERT_PATIENCE: Duration = Duration::from_millis(1100);

/// Where a customer's permission to choose a new password lies in their document.
pub(super) const RESET: &str = "doorstep.reset";

/// Where it lies what there is to know of their address (see [`address`]).
pub(super) const VERIFICATION: &str = "doorstep.verification";
pub(super) const CHANGE: &str = "doorstep.change";
pub(super) const FORMER: &str = "doorstep.former";
pub(super) const SECURED_AT: &str = "doorstep.securedAt";

/// The language that they are written to in.
pub(super) const LANGUAGE: &str = "doorstep.language";

/// There, and true, for whoever the shop keeps out.
pub(super) const DISABLED: &str = "doorstep.disabled";

#[async_trait]
impl Customers for MongoStore {
    async fn create(
        &self,
        new: &Credentials,
        verification: Option<&Verification>,
        mail: Option<&Mail>,
    ) -> Result<(), AddressError> {
        let started = Instant::now();
        let mut own = Document::new();
        if let Some(verification) = verification {
            own.insert("verification", address::verification(verification));
        }
        if let Some(mail) = mail {
            own.insert("outbox", vec![outbox::entry(mail)?]);
        }
        let document = document::write(&new.customer, Some(&new.password), own);
        match self.run(INSERT_PATIENCE, async move |users| users.insert_one(document).await).await {
            Ok(_) => Ok(()),
            Err(failure) => self.settle(&new.customer, failure, PATIENCE.saturating_sub(started.elapsed())).await,
        }
    }

    async fn replace_unverified(
        &self,
        new: &Credentials,
        verification: &Verification,
        mail: &Mail,
    ) -> Result<bool, StoreError> {
        let Credentials { customer, password } = new;
        let mut unverified = by_unverified(customer.id);
        unverified.insert("email", customer.email.as_str());
        let replace = doc! {
            "$set": {
                "name": customer.name.as_str(),
                "password": password.expose(),
                LANGUAGE: customer.language.map(Language::code),
                "createdAt": document::date(customer.created_at),
                "updatedAt": document::date(customer.updated_at),
                VERIFICATION: address::verification(verification),
            },
            "$unset": { RESET: "" },
            "$push": { OUTBOX: outbox::entry(mail)? },
        };
        self.change(unverified, replace).await
    }

    async fn find(&self, id: CustomerId) -> Result<Option<Customer>, StoreError> {
        let find = async move |users: Users| users.find_one(by_id(id)).projection(document::customer_fields()).await;
        self.run(PATIENCE, find).await?.map(|found| document::read_customer(&found)).transpose()
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Customer>, StoreError> {
        let by_email = by_email(email);
        let find = async move |users: Users| users.find_one(by_email).projection(document::customer_fields()).await;
        self.run(PATIENCE, find).await?.map(|found| document::read_customer(&found)).transpose()
    }

    async fn list(&self, after: Option<CustomerId>, most: usize) -> Result<Vec<Customer>, StoreError> {
        // An id that is no ObjectId is neither more nor less than one; nobody has the one of zeros.
        let after = after.unwrap_or(CustomerId::from_bytes([0; 12]));
        let later = doc! { "_id": { "$gt": document::object_id(after) } };
        let find = async move |users: Users| {
            let batch = u32::try_from(most).unwrap_or(u32::MAX);
            let found = users.find(later).sort(doc! { "_id": 1 }).projection(document::customer_fields());
            let mut found = found.batch_size(batch).await?;
            let mut customers = Vec::new();
            while customers.len() < most && found.advance().await? {
                customers.extend(listed(&found.deserialize_current()?));
            }
            Ok(customers)
        };
        Ok(self.run(PATIENCE, find).await?)
    }

    async fn role(&self, id: CustomerId) -> Result<Option<Role>, StoreError> {
        let read = async {
            // Only what a majority has can never be lost again.
            let find = async move |users: Users| {
                let fields = doc! { "role": 1, DISABLED: 1 };
                users.find_one(by_id(id)).projection(fields).read_concern(ReadConcern::majority()).await
            };
            let found = self.run(PATIENCE, find).await?.filter(|found| !document::is_disabled(found));
            Ok::<_, StoreError>(found.as_ref().map(document::read_role))
        };
        let Some(remembered) = self.known_roles.believed() else { return read.await };
        // In all, since requests of one customer wait for each other's read.
        match timeout(PATIENCE, recall(&remembered, id, read)).await {
            Ok(role) => role,
            Err(elapsed) => Err(Failure::Silent(elapsed.into()).into()),
        }
    }

    async fn find_credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError> {
        let by_email = by_email(email);
        let mut fields = document::customer_fields();
        fields.insert("password", 1);
        match self.run(PATIENCE, async move |users| users.find_one(by_email).projection(fields).await).await? {
            Some(found) => document::read_credentials(&found),
            None => Ok(None),
        }
    }

    async fn replace_password(
        &self,
        id: CustomerId,
        old: &PasswordHash,
        new: &PasswordHash,
        now: OffsetDateTime,
        mail: Option<&Mail>,
    ) -> Result<bool, StoreError> {
        let unchanged = doc! { "_id": document::object_id(id), "password": old.expose() };
        self.set_password(unchanged, new, now, &[RESET], mail).await
    }

    async fn allow_reset(&self, id: CustomerId, reset: &Reset, mail: &Mail) -> Result<(), StoreError> {
        let allow = doc! { "$set": { RESET: reset_document(reset) }, "$push": { OUTBOX: outbox::entry(mail)? } };
        self.change(by_id(id), allow).await.map(drop)
    }

    async fn may_reset(&self, id: CustomerId, hash: LinkHash, now: OffsetDateTime) -> Result<bool, StoreError> {
        let allowed = by_reset(id, hash, now);
        let find = async move |users: Users| users.find_one(allowed).projection(doc! { "_id": 1 }).await;
        Ok(self.run(PATIENCE, find).await?.is_some())
    }

    async fn reset_password(
        &self,
        id: CustomerId,
        hash: LinkHash,
        new: &PasswordHash,
        now: OffsetDateTime,
        mail: Option<&Mail>,
    ) -> Result<bool, StoreError> {
        self.set_password(by_reset(id, hash, now), new, now, &[RESET, VERIFICATION], mail).await
    }

    async fn address(&self, id: CustomerId) -> Result<Address, StoreError> {
        let fields = doc! { VERIFICATION: 1, CHANGE: 1, FORMER: 1, SECURED_AT: 1 };
        let find = async move |users: Users| users.find_one(by_id(id)).projection(fields).await;
        match self.run(PATIENCE, find).await?.as_ref().map(|found| found.get_document("doorstep")) {
            Some(Ok(own)) => {
                address::read(own).ok_or_else(|| corrupt(format!("the address of {id}"), "it is not as it was written"))
            }
            None | Some(Err(_)) => Ok(Address::default()),
        }
    }

    async fn renew_verification(
        &self,
        id: CustomerId,
        hash: LinkHash,
        expires_at: OffsetDateTime,
        mail: &Mail,
    ) -> Result<(), StoreError> {
        let renew = doc! {
            "$set": {
                "doorstep.verification.hash": binary(&hash.to_bytes()),
                "doorstep.verification.expires": document::date(expires_at),
            },
            "$push": { OUTBOX: outbox::entry(mail)? },
        };
        self.change(by_unverified(id), renew).await.map(drop)
    }

    async fn verify_email(
        &self,
        id: CustomerId,
        hash: LinkHash,
        now: OffsetDateTime,
        anew: Option<(&PasswordHash, &Reset)>,
    ) -> Result<bool, StoreError> {
        let mut awaited = by_id(id);
        awaited.insert("doorstep.verification.hash", binary(&hash.to_bytes()));
        awaited.insert("doorstep.verification.expires", doc! { "$gt": document::date(now) });
        let mut set = doc! { "updatedAt": document::date(now) };
        let mut unset = doc! { VERIFICATION: "" };
        match anew {
            Some((password, reset)) => {
                set.insert("password", password.expose());
                set.insert(RESET, reset_document(reset));
            }
            None => drop(unset.insert(RESET, "")),
        }
        self.change(awaited, doc! { "$set": set, "$unset": unset }).await
    }

    async fn propose_email(&self, id: CustomerId, change: &EmailChange, mail: &Mail) -> Result<(), StoreError> {
        let propose = doc! { "$set": { CHANGE: address::change(change) }, "$push": { OUTBOX: outbox::entry(mail)? } };
        self.change(by_id(id), propose).await.map(drop)
    }

    async fn withdraw_email(&self, id: CustomerId) -> Result<(), StoreError> {
        self.change(by_id(id), doc! { "$unset": { CHANGE: "" } }).await.map(drop)
    }

    async fn change_email(
        &self,
        customer: &Customer,
        change: &EmailChange,
        now: OffsetDateTime,
        former: &FormerEmail,
        mail: Option<&Mail>,
    ) -> Result<bool, AddressError> {
        let awaited = doc! {
            "_id": document::object_id(customer.id),
            "email": customer.email.as_str(),
            "doorstep.change.email": change.email.as_str(),
            "doorstep.change.hash": binary(&change.hash.to_bytes()),
            "doorstep.change.expires": { "$gt": document::date(now) },
        };
        let mut update = doc! {
            "$set": {
                "email": change.email.as_str(),
                "updatedAt": document::date(now),
                FORMER: address::former(former),
            },
            "$unset": { CHANGE: "", RESET: "", VERIFICATION: "" },
        };
        if let Some(mail) = mail {
            update.insert("$push", doc! { OUTBOX: outbox::entry(mail)? });
        }
        self.change_address(awaited, update).await
    }

    async fn secure(&self, securing: &Securing<'_>, mail: &Mail) -> Result<bool, AddressError> {
        let Securing { customer, by, password, reset, now } = securing;
        let mut found = by_id(customer.id);
        let mut set = doc! {
            "password": password.expose(),
            "updatedAt": document::date(*now),
            SECURED_AT: document::date(*now),
            RESET: reset_document(reset),
        };
        let mut unset = doc! { CHANGE: "" };
        match by {
            Notified::AtPresent { written_at } => {
                found.insert("email", customer.email.as_str());
                // Neither is it there and later, which is so where it is not there.
                found.insert(SECURED_AT, doc! { "$not": { "$gte": document::date(*written_at) } });
            }
            Notified::Before => {
                found.insert("doorstep.former.email", customer.email.as_str());
                found.insert("doorstep.former.until", doc! { "$gt": document::date(*now) });
                set.insert("email", customer.email.as_str());
                unset.extend(doc! { FORMER: "", VERIFICATION: "" });
            }
        }
        let update = doc! { "$set": set, "$unset": unset, "$push": { OUTBOX: outbox::entry(mail)? } };
        self.change_address(found, update).await
    }

    async fn remove_unverified(&self, email: &EmailAddress) -> Result<bool, StoreError> {
        let mut unverified = by_email(email);
        unverified.insert(VERIFICATION, doc! { "$exists": true });
        let removed = self.run(PATIENCE, async move |users| users.delete_one(unverified).await).await?;
        Ok(removed.deleted_count > 0)
    }

    async fn remove_abandoned(&self, made_before: OffsetDateTime, now: OffsetDateTime) -> Result<u64, StoreError> {
        let abandoned = doc! {
            // Only a sign-up by Doorstep leaves a ticket.
            "doorstep.verification.ticket": { "$exists": true },
            "doorstep.verification.expires": { "$lte": document::date(now) },
            "createdAt": { "$lte": document::date(made_before) },
        };
        let removed = self.run(STEP_PATIENCE, async move |users| users.delete_many(abandoned).await).await?;
        Ok(removed.deleted_count)
    }

    async fn set_language(&self, id: CustomerId, language: Language) -> Result<(), StoreError> {
        let set = doc! { "$set": { LANGUAGE: language.code() } };
        self.change(by_id(id), set).await.map(drop)
    }

    async fn set_disabled(&self, id: CustomerId, disabled: bool, now: OffsetDateTime) -> Result<bool, StoreError> {
        let mut set = doc! { "updatedAt": document::date(now) };
        let change = if disabled {
            set.insert(DISABLED, true);
            doc! { "$set": set }
        } else {
            doc! { "$set": set, "$unset": { DISABLED: "" } }
        };
        self.change(by_id(id), change).await
    }

    async fn set_role(&self, id: CustomerId, role: Role, now: OffsetDateTime) -> Result<bool, StoreError> {
        let set = doc! { "$set": { "role": role.as_str(), "updatedAt": document::date(now) } };
        self.change(by_id(id), set).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let ping = async |users: Users| users.client().database("admin").run_command(doc! { "ping": 1 }).await;
        self.run(PATIENCE, ping).await?;
        Ok(())
    }
}

impl MongoStore {
    /// Sets the password of the customer who is as `found` says, if there is one, and tells them; what is `over` by that is
    /// removed.
    async fn set_password(
        &self,
        found: Document,
        new: &PasswordHash,
        now: OffsetDateTime,
        over: &[&str],
        mail: Option<&Mail>,
    ) -> Result<bool, StoreError> {
        let mut change = doc! {
            "$set": { "password": new.expose(), "updatedAt": document::date(now) },
            "$unset": over.iter().map(|field| ((*field).to_owned(), "".into())).collect::<Document>(),
        };
        if let Some(mail) = mail {
            change.insert("$push", doc! { OUTBOX: outbox::entry(mail)? });
        }
        self.change(found, change).await
    }

    /// The same, where the change may give them an address.
    async fn change_address(&self, found: Document, change: Document) -> Result<bool, AddressError> {
        match self.run(PATIENCE, async move |users| users.update_one(found, change).await).await {
            Ok(updated) => Ok(updated.matched_count > 0),
            Err(Failure::Answered(error)) if code(&error) == Some(DUPLICATE_KEY) => Err(AddressError::EmailTaken),
            Err(failure) => Err(StoreError::from(failure).into()),
        }
    }

    /// Changes the customer who is as `found` says, and says whether there is one.
    async fn change(&self, found: Document, change: Document) -> Result<bool, StoreError> {
        let updated = self.run(PATIENCE, async move |users| users.update_one(found, change).await).await?;
        Ok(updated.matched_count > 0)
    }

    /// Finds out what became of an insert that was not simply acknowledged. Ids are made by chance and by nobody else,
    /// so a customer of this id is the one we meant, be it that the answer was lost or that the driver tried twice.
    async fn settle(&self, customer: &Customer, failure: Failure, patience: Duration) -> Result<(), AddressError> {
        let (by_id, by_email) = (by_id(customer.id), by_email(&customer.email));
        let is_duplicate = matches!(&failure, Failure::Answered(error) if code(error) == Some(DUPLICATE_KEY));
        let look = async move |users: Users| {
            // Only what a majority has can never be lost again.
            if users.find_one(by_id).read_concern(ReadConcern::majority()).await?.is_some() {
                return Ok(Some(Ok(())));
            }
            // A shop may have unique indexes of its own, which say nothing about the address.
            let is_taken = is_duplicate && users.find_one(by_email).await?.is_some();
            Ok(is_taken.then_some(Err(AddressError::EmailTaken)))
        };
        match self.run(patience, look).await {
            Ok(Some(settled)) => settled,
            Ok(None) | Err(_) => Err(StoreError::from(failure).into()),
        }
    }
}

type Users = Collection<Document>;

/// A customer for a list, if they can be read as one: the shop's other programs write here too.
fn listed(found: &Document) -> Option<Customer> {
    let read = document::read_customer(found);
    read.inspect_err(|error| tracing::warn!(error = error as &dyn std::error::Error, "a customer is not listed")).ok()
}

fn by_id(id: CustomerId) -> Document {
    doc! { "_id": document::object_id(id) }
}

/// The customer, if a reset of this hash is allowed.
fn by_reset(id: CustomerId, hash: LinkHash, now: OffsetDateTime) -> Document {
    let mut allowed = by_id(id);
    allowed.insert("doorstep.reset.hash", binary(&hash.to_bytes()));
    allowed.insert("doorstep.reset.expires", doc! { "$gt": document::date(now) });
    allowed
}

/// The customer, if their address is not verified.
fn by_unverified(id: CustomerId) -> Document {
    let mut unverified = by_id(id);
    unverified.insert(VERIFICATION, doc! { "$exists": true });
    unverified
}

pub(super) fn reset_document(reset: &Reset) -> Document {
    doc! { "hash": binary(&reset.hash.to_bytes()), "expires": document::date(reset.expires_at) }
}

fn by_email(email: &EmailAddress) -> Document {
    doc! { "email": email.as_str() }
}
