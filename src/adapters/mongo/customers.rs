//! Customers in MongoDB.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use mongodb::{
    Collection,
    bson::{Bson, Document, doc},
    options::{ReadConcern, ReturnDocument},
};
use time::OffsetDateTime;
use tokio::time::timeout;

use super::{
    DUPLICATE_KEY, Failure, MongoStore, TIMEOUT,
    address::{self, binary},
    code, corrupt,
    document::{self, EPOCH, PASSWORD_CHANGED_AT},
    emails,
    migrations::STEP_TIMEOUT,
    not_customers,
    outbox::{self, OUTBOX},
    refusals::is_taken_email,
};
use crate::{
    accounts::{
        FormerEmails, LinkHash, Mail, SessionId,
        ports::{
            Address, AddressError, Credentials, Customers, EmailChange, Notified, PasswordChange, PasswordHash, Reset,
            Securing, Standing, StoreError, Verification, Verifying,
        },
    },
    adapters::recall::recall,
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Language, Role},
};

/// The time limit for inserting a customer. It leaves time to find out the result if it is unclear. The driver alone
/// takes half a second to reconnect to a server.
const INSERT_TIMEOUT: Duration = Duration::from_millis(1100);

/// The time limit for writing a credential event, for the same reason.
const EVENT_TIMEOUT: Duration = Duration::from_millis(1400);

/// The field of a customer's pending password reset.
pub(super) const RESET: &str = "doorstep.reset";

/// The fields with the state of the address (see [`address`]).
pub(super) const VERIFICATION: &str = "doorstep.verification";
pub(super) const CHANGE: &str = "doorstep.change";
pub(super) const FORMER_EMAILS: &str = "doorstep.formerEmails";
/// The field in which an earlier version stored one former address.
pub(super) const FORMER: &str = "doorstep.former";
pub(super) const SECURED_AT: &str = "doorstep.securedAt";

/// The field of the language of mails to the customer.
pub(super) const LANGUAGE: &str = "doorstep.language";

/// Present and true if the shop has disabled the account.
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
        let document = sign_up(new, verification, mail)?;
        match self.run(INSERT_TIMEOUT, async move |users| users.insert_one(document).await).await {
            Ok(_) => Ok(()),
            Err(failure) => self.settle(&new.customer, failure, TIMEOUT.saturating_sub(started.elapsed())).await,
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
        unverified.insert("doorstep.verification.ticket", doc! { "$exists": true });
        let mut set = doc! {
            "name": customer.name.as_str(),
            "password": password.expose(),
            LANGUAGE: customer.language.map(Language::code),
            "createdAt": document::date(customer.created_at),
            "updatedAt": document::date(customer.updated_at),
            VERIFICATION: address::verification(verification),
        };
        if let Some(at) = customer.password_changed_at {
            set.insert(PASSWORD_CHANGED_AT, document::date(at));
        }
        let replace = CredentialEvent { set, ..CredentialEvent::default() }.with_mails([mail])?;
        Ok(self.event(unverified, replace).await?.is_some())
    }

    async fn find(&self, id: CustomerId) -> Result<Option<Customer>, StoreError> {
        let find = async move |users: Users| users.find_one(by_id(id)).projection(document::customer_fields()).await;
        self.run(TIMEOUT, find).await?.map(|found| document::read_customer(&found)).transpose()
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Customer>, StoreError> {
        let found = self.find_document(email, document::customer_fields()).await?;
        found.map(|found| document::read_customer(&found)).transpose()
    }

    async fn list(&self, after: Option<CustomerId>, most: usize) -> Result<Vec<Customer>, StoreError> {
        // Ids of other types are never greater than an `ObjectId`. No customer has the one of zeros.
        let after = after.unwrap_or(CustomerId::NOBODY);
        let later = doc! { "_id": { "$gt": document::object_id(after) }, "email": not_customers::is_text() };
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
        Ok(self.run(TIMEOUT, find).await?)
    }

    async fn standing(&self, id: CustomerId) -> Result<Option<Standing>, StoreError> {
        let read = async {
            // Only data that a majority has acknowledged cannot be rolled back.
            let find = async move |users: Users| {
                let fields = doc! { "role": 1, DISABLED: 1, EPOCH: 1 };
                users.find_one(by_id(id)).projection(fields).read_concern(ReadConcern::majority()).await
            };
            let found = self.run(TIMEOUT, find).await?.filter(|found| !document::is_disabled(found));
            Ok::<_, StoreError>(
                found.map(|found| Standing { role: document::read_role(&found), epoch: document::read_epoch(&found) }),
            )
        };
        let Some(remembered) = self.known_roles.believed() else { return read.await };
        // One limit for the whole operation, since requests of one customer wait for each other's read.
        match timeout(TIMEOUT, recall(&remembered, id, read)).await {
            Ok(standing) => standing,
            Err(elapsed) => Err(Failure::Silent(elapsed.into()).into()),
        }
    }

    async fn find_credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError> {
        let mut fields = document::customer_fields();
        fields.insert("password", 1);
        match self.find_document(email, fields).await? {
            Some(found) => document::read_credentials(&found),
            None => Ok(None),
        }
    }

    async fn rehash_password(
        &self,
        id: CustomerId,
        old: &PasswordHash,
        new: &PasswordHash,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let unchanged = doc! { "_id": document::object_id(id), "password": old.expose() };
        let rehash = doc! { "$set": { "password": new.expose(), "updatedAt": document::date(now) } };
        self.change(unchanged, rehash).await
    }

    async fn change_password(&self, change: &PasswordChange<'_>, mail: Option<&Mail>) -> Result<bool, StoreError> {
        let mut unchanged = in_epoch(change.customer, change.epoch);
        unchanged.insert("password", change.old.expose());
        let event = CredentialEvent::new_password(change.new, change.now).with_mails(mail)?;
        Ok(self.event(unchanged, event).await?.is_some())
    }

    async fn allow_reset(&self, id: CustomerId, reset: &Reset, mail: &Mail) -> Result<(), StoreError> {
        let allow = doc! { "$set": { RESET: reset_document(reset) }, "$push": { OUTBOX: outbox::entry(mail)? } };
        self.change(by_id(id), allow).await.map(drop)
    }

    async fn may_reset(&self, id: CustomerId, hash: LinkHash, now: OffsetDateTime) -> Result<bool, StoreError> {
        let allowed = by_reset(id, hash, now);
        let find = async move |users: Users| users.find_one(allowed).projection(doc! { "_id": 1 }).await;
        Ok(self.run(TIMEOUT, find).await?.is_some())
    }

    async fn reset_password(
        &self,
        id: CustomerId,
        hash: LinkHash,
        new: &PasswordHash,
        now: OffsetDateTime,
        mail: Option<&Mail>,
    ) -> Result<Option<CredentialEpoch>, StoreError> {
        let event = CredentialEvent::new_password(new, now).verified().with_mails(mail)?;
        Ok(self.event(by_reset(id, hash, now), event).await?)
    }

    async fn address(&self, id: CustomerId) -> Result<Address, StoreError> {
        let fields = doc! { VERIFICATION: 1, CHANGE: 1, FORMER: 1, FORMER_EMAILS: 1, SECURED_AT: 1 };
        let find = async move |users: Users| users.find_one(by_id(id)).projection(fields).await;
        match self.run(TIMEOUT, find).await?.as_ref().map(|found| found.get_document("doorstep")) {
            Some(Ok(own)) => {
                address::read(own).ok_or_else(|| corrupt(format!("the address of {id}"), "malformed record"))
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
        verifying: Verifying<'_>,
    ) -> Result<Option<CredentialEpoch>, StoreError> {
        let mut awaited = by_id(id);
        awaited.insert("doorstep.verification.hash", binary(&hash.to_bytes()));
        awaited.insert("doorstep.verification.expires", doc! { "$gt": document::date(now) });
        let mut set = doc! { "updatedAt": document::date(now) };
        let change = match verifying {
            Verifying::InSession => doc! { "$set": set, "$unset": { VERIFICATION: "" } },
            Verifying::InBrowser => CredentialEvent { set, ..CredentialEvent::default() }.verified().into(),
            Verifying::Elsewhere { password, reset } => {
                set.extend(doc! { "password": password.expose(), RESET: reset_document(reset) });
                CredentialEvent { set, ..CredentialEvent::default() }.verified().into()
            }
        };
        Ok(self.event(awaited, change).await?)
    }

    async fn propose_email(
        &self,
        customer: &Customer,
        change: &EmailChange,
        mails: &[Mail],
    ) -> Result<bool, StoreError> {
        let mails = mails.iter().map(outbox::entry).collect::<Result<Vec<_>, _>>()?;
        let propose = doc! { "$set": { CHANGE: address::change(change) }, "$push": { OUTBOX: { "$each": mails } } };
        self.change(in_epoch(customer.id, customer.epoch), propose).await
    }

    async fn hand_over_change(&self, id: CustomerId, from: SessionId, to: SessionId) -> Result<(), StoreError> {
        let mut asked = by_id(id);
        asked.insert("doorstep.change.session", binary(&from.to_bytes()));
        let hand_over = doc! { "$set": { "doorstep.change.session": binary(&to.to_bytes()) } };
        self.change(asked, hand_over).await.map(drop)
    }

    async fn withdraw_email(&self, id: CustomerId) -> Result<(), StoreError> {
        self.change(by_id(id), doc! { "$unset": { CHANGE: "" } }).await.map(drop)
    }

    async fn change_email(
        &self,
        customer: &Customer,
        change: &EmailChange,
        now: OffsetDateTime,
        former: &FormerEmails,
        mail: Option<&Mail>,
    ) -> Result<Option<CredentialEpoch>, AddressError> {
        let awaited = doc! {
            "_id": document::object_id(customer.id),
            "email": customer.email.as_str(),
            "doorstep.change.email": change.email.as_str(),
            "doorstep.change.hash": binary(&change.hash.to_bytes()),
            "doorstep.change.expires": { "$gt": document::date(now) },
        };
        let set = doc! {
            "email": change.email.as_str(),
            "updatedAt": document::date(now),
            FORMER_EMAILS: address::former(former),
        };
        let event = CredentialEvent { set, unset: doc! { FORMER: "" }, ..CredentialEvent::default() }
            .verified()
            .with_mails(mail)?;
        self.change_address(awaited, event).await
    }

    async fn secure(&self, securing: &Securing<'_>, mails: &[Mail]) -> Result<Option<CredentialEpoch>, AddressError> {
        let Securing { customer, by, password, reset, now } = securing;
        let mut found = by_id(customer.id);
        let mut set = doc! {
            "password": password.expose(),
            "updatedAt": document::date(*now),
            SECURED_AT: document::date(*now),
            RESET: reset_document(reset),
        };
        let event = match by {
            Notified::AtPresent { written_at } => {
                found.insert("email", customer.email.as_str());
                // Also matches if the field is missing.
                found.insert(SECURED_AT, doc! { "$not": { "$gte": document::date(*written_at) } });
                CredentialEvent { set, ..CredentialEvent::default() }
            }
            Notified::Before { left, replaced } => {
                found.insert("email", replaced.as_str());
                let any = |field: &str| doc! { field: { "$exists": true } };
                found.insert("$or", vec![any(FORMER_EMAILS), any(FORMER)]);
                set.insert("email", customer.email.as_str());
                set.insert(FORMER_EMAILS, address::former(left));
                CredentialEvent { set, unset: doc! { FORMER: "" }, ..CredentialEvent::default() }.verified()
            }
        };
        self.change_address(found, event.with_mails(mails)?).await
    }

    async fn remove_unverified(&self, email: &EmailAddress) -> Result<Option<CustomerId>, StoreError> {
        let Some(customer) = self.find_by_email(email).await? else { return Ok(None) };
        let mut unverified = by_unverified(customer.id);
        unverified.insert("email", email.as_str());
        unverified.insert(DISABLED, doc! { "$ne": true });
        let removed = self.run(TIMEOUT, async move |users: Users| users.delete_one(unverified).await).await?;
        Ok((removed.deleted_count > 0).then_some(customer.id))
    }

    async fn remove_abandoned(&self, made_before: OffsetDateTime, now: OffsetDateTime) -> Result<u64, StoreError> {
        let abandoned = doc! {
            // Only sign-ups by Doorstep have a ticket.
            "doorstep.verification.ticket": { "$exists": true },
            "doorstep.verification.expires": { "$lte": document::date(now) },
            "createdAt": { "$lte": document::date(made_before) },
            DISABLED: { "$ne": true },
        };
        // Also keep accounts that were used to log in while the shop did not require verified addresses.
        let unused = [
            doc! { "$match": abandoned.clone() },
            doc! { "$lookup": {
                "from": self.browsers.name(), "localField": "_id", "foreignField": "customer", "as": "browsers",
            } },
            doc! { "$match": { "browsers": { "$size": 0 } } },
            doc! { "$limit": 10_000 },
            doc! { "$project": { "_id": 1 } },
        ];
        let remove = async move |users: Users| {
            let found: Vec<Document> = users.aggregate(unused).await?.try_collect().await?;
            let ids: Vec<Bson> = found.into_iter().filter_map(|mut found| found.remove("_id")).collect();
            let mut these = abandoned;
            these.insert("_id", doc! { "$in": ids });
            users.delete_many(these).await
        };
        Ok(self.run(STEP_TIMEOUT, remove).await?.deleted_count)
    }

    async fn set_language(&self, id: CustomerId, language: Language) -> Result<(), StoreError> {
        let set = doc! { "$set": { LANGUAGE: language.code() } };
        self.change(by_id(id), set).await.map(drop)
    }

    async fn start_epoch(
        &self,
        id: CustomerId,
        current: Option<CredentialEpoch>,
    ) -> Result<Option<CredentialEpoch>, StoreError> {
        let found = current.map_or_else(|| by_id(id), |epoch| in_epoch(id, epoch));
        Ok(self.event(found, CredentialEvent::default()).await?)
    }

    async fn set_disabled(&self, id: CustomerId, disabled: bool, now: OffsetDateTime) -> Result<bool, StoreError> {
        let mut set = doc! { "updatedAt": document::date(now) };
        let change = if disabled {
            set.insert(DISABLED, true);
            CredentialEvent { set, unset: doc! { FORMER: "", FORMER_EMAILS: "" }, ..CredentialEvent::default() }.into()
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
        self.check().await
    }
}

/// A credential event as an update. It starts the next epoch, voids what is pending, and applies `set` and `unset`.
#[derive(Default)]
struct CredentialEvent {
    set: Document,
    unset: Document,
    mails: Vec<Document>,
    /// True if the event verifies the address. Otherwise it only voids the pending verification link.
    verifies: bool,
}

impl CredentialEvent {
    fn new_password(password: &PasswordHash, now: OffsetDateTime) -> Self {
        let now = document::date(now);
        let set = doc! { "password": password.expose(), PASSWORD_CHANGED_AT: now, "updatedAt": now };
        Self { set, ..Self::default() }
    }

    fn verified(self) -> Self {
        Self { verifies: true, ..self }
    }

    fn with_mails<'a>(self, mails: impl IntoIterator<Item = &'a Mail>) -> Result<Self, StoreError> {
        Ok(Self { mails: mails.into_iter().map(outbox::entry).collect::<Result<_, _>>()?, ..self })
    }
}

impl From<CredentialEvent> for Document {
    fn from(CredentialEvent { set, mut unset, mails, verifies }: CredentialEvent) -> Self {
        unset.insert(CHANGE, "");
        if !set.contains_key(RESET) {
            unset.insert(RESET, "");
        }
        let mut update = doc! { "$inc": { EPOCH: 1_i64 } };
        if verifies {
            unset.insert(VERIFICATION, "");
        } else if !set.contains_key(VERIFICATION) {
            // Renaming a missing field has no effect, so a verified customer stays verified.
            update.insert("$rename", doc! { "doorstep.verification.hash": "doorstep.verification.voided" });
        }
        if !set.is_empty() {
            update.insert("$set", set);
        }
        update.insert("$unset", unset);
        if !mails.is_empty() {
            update.insert("$push", doc! { OUTBOX: { "$each": mails } });
        }
        update
    }
}

impl MongoStore {
    /// Applies a change to the customer that matches `found`, and returns the account's new epoch, or `None` without a
    /// match.
    async fn event(&self, found: Document, change: impl Into<Document>) -> Result<Option<CredentialEpoch>, Failure> {
        let started = Instant::now();
        let change = change.into();
        let done = event_done(&found, &change);
        let update = async move |users: Users| {
            let update = users.find_one_and_update(found, change).projection(doc! { EPOCH: 1 });
            update.return_document(ReturnDocument::After).await
        };
        let failure = match self.run(EVENT_TIMEOUT, update).await {
            Ok(changed) => return Ok(changed.as_ref().map(document::read_epoch)),
            Err(failure) => failure,
        };
        let is_duplicate = matches!(&failure, Failure::Answered(error) if code(error) == Some(DUPLICATE_KEY));
        let Some(done) = done.filter(|_| !is_duplicate) else { return Err(failure) };
        let look = async move |users: Users| {
            users.find_one(done).projection(doc! { EPOCH: 1 }).read_concern(ReadConcern::majority()).await
        };
        match self.run(TIMEOUT.saturating_sub(started.elapsed()), look).await {
            Ok(Some(changed)) => Ok(Some(document::read_epoch(&changed))),
            Ok(None) | Err(_) => Err(failure),
        }
    }

    /// Like [`Self::event`], for a change that may set the address.
    async fn change_address(
        &self,
        found: Document,
        change: CredentialEvent,
    ) -> Result<Option<CredentialEpoch>, AddressError> {
        match self.event(found, change).await {
            Ok(epoch) => Ok(epoch),
            Err(Failure::Answered(error)) if is_taken_email(&error) => Err(AddressError::EmailTaken),
            Err(failure) => Err(StoreError::from(failure).into()),
        }
    }

    /// Returns these fields of the customer with this address.
    async fn find_document(&self, email: &EmailAddress, fields: Document) -> Result<Option<Document>, Failure> {
        let by_email = by_email(email);
        let find = async move |users: Users| {
            users.find_one(by_email).projection(fields).collation(emails::by_code_points()).await
        };
        self.run(TIMEOUT, find).await
    }

    /// Applies a change to the customer that matches `found`, and returns true if there is one.
    async fn change(&self, found: Document, change: Document) -> Result<bool, StoreError> {
        let updated = self.run(TIMEOUT, async move |users| users.update_one(found, change).await).await?;
        Ok(updated.matched_count > 0)
    }

    /// Determines the result of an insert that was not acknowledged. Ids are random, so a customer with this id was
    /// inserted by this operation: the answer was lost, or the driver retried.
    async fn settle(&self, customer: &Customer, failure: Failure, limit: Duration) -> Result<(), AddressError> {
        // Also finds a document that is not a customer.
        let (id, email) = (by_id(customer.id), doc! { "email": customer.email.as_str() });
        let is_duplicate = matches!(&failure, Failure::Answered(error) if code(error) == Some(DUPLICATE_KEY));
        let is_taken = matches!(&failure, Failure::Answered(error) if is_taken_email(error));
        let look = async move |users: Users| {
            // Only data that a majority has acknowledged cannot be rolled back.
            if users.find_one(id).read_concern(ReadConcern::majority()).await?.is_some() {
                return Ok(Some(Ok(())));
            }
            // The shop may have unique indexes of its own, which do not concern the address, or begin with another field.
            let is_taken = is_taken || is_duplicate && users.find_one(email).await?.is_some();
            Ok(is_taken.then_some(Err(AddressError::EmailTaken)))
        };
        match self.run(limit, look).await {
            Ok(Some(settled)) => settled,
            Ok(None) | Err(_) => Err(StoreError::from(failure).into()),
        }
    }
}

type Users = Collection<Document>;

/// Returns a customer for a list. Returns `None` if the document cannot be read: the shop's other programs write here
/// too.
fn listed(found: &Document) -> Option<Customer> {
    let read = document::read_customer(found);
    read.inspect_err(|error| tracing::warn!(error = error as &dyn std::error::Error, "customer record unreadable")).ok()
}

/// Returns the document of a customer who signs up.
pub(super) fn sign_up(
    new: &Credentials,
    verification: Option<&Verification>,
    mail: Option<&Mail>,
) -> Result<Document, StoreError> {
    let mut own = Document::new();
    if let Some(verification) = verification {
        own.insert("verification", address::verification(verification));
    }
    if let Some(mail) = mail {
        own.insert("outbox", vec![outbox::entry(mail)?]);
    }
    Ok(document::write(&new.customer, Some(&new.password), own))
}

fn by_id(id: CustomerId) -> Document {
    doc! { "_id": document::object_id(id) }
}

/// Returns a query for the customer after a credential event, by the hash or address that the event has set. Returns
/// `None` for an event that cannot be recognised by its result.
fn event_done(found: &Document, change: &Document) -> Option<Document> {
    let (id, set) = (found.get("_id")?, change.get_document("$set").ok()?);
    let (field, value) = ["password", "email"].into_iter().find_map(|field| Some((field, set.get(field)?)))?;
    Some(doc! { "_id": id, field: value })
}

/// Returns a query for the customer if their account is in this credential epoch. In the first epoch the field may be
/// missing.
fn in_epoch(id: CustomerId, epoch: CredentialEpoch) -> Document {
    let mut found = by_id(id);
    let number = i64::from(epoch.number());
    found.insert(EPOCH, if number == 0 { doc! { "$in": [null, 0_i64] }.into() } else { Bson::Int64(number) });
    found
}

/// Returns a query for the customer if they have a valid reset with this hash.
fn by_reset(id: CustomerId, hash: LinkHash, now: OffsetDateTime) -> Document {
    let mut allowed = by_id(id);
    allowed.insert("doorstep.reset.hash", binary(&hash.to_bytes()));
    allowed.insert("doorstep.reset.expires", doc! { "$gt": document::date(now) });
    allowed
}

/// Returns a query for the customer if their address is not verified.
fn by_unverified(id: CustomerId) -> Document {
    let mut unverified = by_id(id);
    unverified.insert(VERIFICATION, doc! { "$exists": true });
    unverified
}

pub(super) fn reset_document(reset: &Reset) -> Document {
    doc! { "hash": binary(&reset.hash.to_bytes()), "expires": document::date(reset.expires_at) }
}

/// Returns a query for the customer with this address, which can use every kind of unique index that
/// [`MongoStore::connect`] accepts.
fn by_email(email: &EmailAddress) -> Document {
    let mut is_this = not_customers::is_text();
    is_this.insert("$eq", email.as_str());
    doc! { "email": is_this, "_id": not_customers::is_object_id() }
}
