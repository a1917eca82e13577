//! Customers in MongoDB.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use mongodb::{
    Collection,
    bson::{Binary, Document, doc, spec::BinarySubtype},
    options::ReadConcern,
};
use time::OffsetDateTime;
use tokio::time::timeout;

use super::{
    DUPLICATE_KEY, Failure, MongoStore, PATIENCE, code, document,
    outbox::{self, OUTBOX},
};
use crate::{
    accounts::{
        LinkHash, Mail,
        ports::{CreateCustomerError, Credentials, Customers, PasswordHash, Reset, StoreError},
    },
    adapters::recall::recall,
    domain::{Customer, CustomerId, EmailAddress, Role},
};

/// How long a new customer may take to be written, so that there is time left to ask where that stays unclear. The
/// driver alone takes half a second before it speaks again to a server that it lost.
const INSERT_PATIENCE: Duration = Duration::from_millis(1100);

/// Where a customer's permission to choose a new password lies in their document.
const RESET: &str = "doorstep.reset";

#[async_trait]
impl Customers for MongoStore {
    async fn create(&self, new: &Credentials) -> Result<(), CreateCustomerError> {
        let started = Instant::now();
        let document = document::write(new);
        match self.run(INSERT_PATIENCE, async move |users| users.insert_one(document).await).await {
            Ok(_) => Ok(()),
            Err(failure) => self.settle(&new.customer, failure, PATIENCE.saturating_sub(started.elapsed())).await,
        }
    }

    async fn find(&self, id: CustomerId) -> Result<Option<Customer>, StoreError> {
        let find = async move |users: Users| users.find_one(by_id(id)).projection(document::customer_fields()).await;
        self.run(PATIENCE, find).await?.map(|found| document::read_customer(&found)).transpose()
    }

    async fn role(&self, id: CustomerId) -> Result<Option<Role>, StoreError> {
        let read = async {
            // Only what a majority has can never be lost again.
            let find = async move |users: Users| {
                let fields = doc! { "role": 1 };
                users.find_one(by_id(id)).projection(fields).read_concern(ReadConcern::majority()).await
            };
            Ok::<_, StoreError>(self.run(PATIENCE, find).await?.as_ref().map(document::read_role))
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
        self.set_password(unchanged, new, now, mail).await
    }

    async fn allow_reset(&self, id: CustomerId, reset: &Reset, mail: &Mail) -> Result<(), StoreError> {
        let reset = doc! { "hash": binary(reset.hash), "expires": document::date(reset.expires_at) };
        let allow = doc! { "$set": { RESET: reset }, "$push": { OUTBOX: outbox::entry(mail)? } };
        self.run(PATIENCE, async move |users| users.update_one(by_id(id), allow).await).await?;
        Ok(())
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
        self.set_password(by_reset(id, hash, now), new, now, mail).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let ping = async |users: Users| users.client().database("admin").run_command(doc! { "ping": 1 }).await;
        self.run(PATIENCE, ping).await?;
        Ok(())
    }
}

impl MongoStore {
    /// Sets the password of the customer who is as `found` says, if there is one, and tells them; any reset becomes void.
    async fn set_password(
        &self,
        found: Document,
        new: &PasswordHash,
        now: OffsetDateTime,
        mail: Option<&Mail>,
    ) -> Result<bool, StoreError> {
        let mut change = doc! {
            "$set": { "password": new.expose(), "updatedAt": document::date(now) },
            "$unset": { RESET: "" },
        };
        if let Some(mail) = mail {
            change.insert("$push", doc! { OUTBOX: outbox::entry(mail)? });
        }
        let updated = self.run(PATIENCE, async move |users| users.update_one(found, change).await).await?;
        Ok(updated.matched_count > 0)
    }

    /// Finds out what became of an insert that was not simply acknowledged. Ids are made by chance and by nobody else,
    /// so a customer of this id is the one we meant, be it that the answer was lost or that the driver tried twice.
    async fn settle(
        &self,
        customer: &Customer,
        failure: Failure,
        patience: Duration,
    ) -> Result<(), CreateCustomerError> {
        let (by_id, by_email) = (by_id(customer.id), by_email(&customer.email));
        let is_duplicate = matches!(&failure, Failure::Answered(error) if code(error) == Some(DUPLICATE_KEY));
        let look = async move |users: Users| {
            // Only what a majority has can never be lost again.
            if users.find_one(by_id).read_concern(ReadConcern::majority()).await?.is_some() {
                return Ok(Some(Ok(())));
            }
            // A shop may have unique indexes of its own, which say nothing about the address.
            let is_taken = is_duplicate && users.find_one(by_email).await?.is_some();
            Ok(is_taken.then_some(Err(CreateCustomerError::EmailTaken)))
        };
        match self.run(patience, look).await {
            Ok(Some(settled)) => settled,
            Ok(None) | Err(_) => Err(StoreError::from(failure).into()),
        }
    }
}

type Users = Collection<Document>;

fn by_id(id: CustomerId) -> Document {
    doc! { "_id": document::object_id(id) }
}

/// The customer, if a reset of this hash is allowed.
fn by_reset(id: CustomerId, hash: LinkHash, now: OffsetDateTime) -> Document {
    let mut allowed = by_id(id);
    allowed.insert("doorstep.reset.hash", binary(hash));
    allowed.insert("doorstep.reset.expires", doc! { "$gt": document::date(now) });
    allowed
}

fn binary(hash: LinkHash) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: hash.to_bytes().to_vec() }
}

fn by_email(email: &EmailAddress) -> Document {
    doc! { "email": email.as_str() }
}
