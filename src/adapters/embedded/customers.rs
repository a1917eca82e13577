//! Customers in the embedded store.

use async_trait::async_trait;
use sqlx::{Row, SqlitePool, ValueRef, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{Embedded, Statement, bytes, failed, former, outbox, time, to_millis};
use crate::{
    accounts::{
        FormerEmails, LinkHash, Mail, SessionId, TicketHash,
        ports::{
            Address, AddressError, Credentials, Customers, EmailChange, Notified, PasswordChange, PasswordHash, Reset,
            Securing, Standing, StoreError, Verification, Verifying,
        },
    },
    adapters::recall::recall,
    domain::{CredentialEpoch, Customer, CustomerId, EmailAddress, Language, PersonName, Role},
};

/// The beginning of every credential event: starts the next epoch and voids what is pending. If a column is set twice,
/// SQLite uses the last value, so an event may set one of these columns again. Every update returns the epoch.
macro_rules! event {
    ($update:literal, $rest:literal) => {
        concat!(
            $update,
            " customers SET epoch = epoch + 1, change_email = NULL, reset_hash = NULL, verification_expires_at = 0, ",
            $rest,
            " RETURNING epoch"
        )
    };
    ($rest:literal) => {
        event!("UPDATE", $rest)
    };
}

/// Matches accounts that have never been usable: created before the first parameter, with a verification link that
/// expired before the second.
macro_rules! abandoned {
    () => {
        "verification_hash IS NOT NULL AND verification_ticket IS NOT NULL AND NOT disabled
             AND created_at <= ? AND verification_expires_at <= ?
             AND NOT EXISTS (SELECT 1 FROM browsers WHERE browsers.customer = customers.id)"
    };
}

#[async_trait]
impl Customers for Embedded {
    async fn create(
        &self,
        new: &Credentials,
        verification: Option<&Verification>,
        mail: Option<&Mail>,
    ) -> Result<(), AddressError> {
        let Credentials { customer, password } = new;
        let insert = sqlx::query(
            "INSERT INTO customers (id, name, email, password, role, created_at, updated_at,
                                    verification_hash, verification_expires_at, verification_ticket, language, disabled,
                                    epoch, password_changed_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING RETURNING epoch",
        )
        .bind(customer.id.to_bytes().to_vec())
        .bind(customer.name.as_str())
        .bind(customer.email.as_str())
        .bind(password.expose())
        .bind(customer.role.as_str())
        .bind(to_millis(customer.created_at))
        .bind(to_millis(customer.updated_at))
        .bind(verification.map(|awaited| awaited.hash.to_bytes().to_vec()))
        .bind(verification.map(|awaited| to_millis(awaited.expires_at)))
        .bind(verification.and_then(|awaited| awaited.ticket).map(|ticket| ticket.to_bytes().to_vec()))
        .bind(customer.language.map(Language::code))
        .bind(customer.disabled)
        .bind(customer.epoch.number())
        .bind(customer.password_changed_at.map(to_millis));
        let created = update_and_notify(&self.writer, insert, mail).await.map_err(failed(customer.id))?;
        created.map(drop).ok_or(AddressError::EmailTaken)
    }

    async fn replace_unverified(
        &self,
        new: &Credentials,
        verification: &Verification,
        mail: &Mail,
    ) -> Result<bool, StoreError> {
        let Credentials { customer, password } = new;
        let replace = sqlx::query(event!(
            "name = ?, password = ?, language = ?, created_at = ?, updated_at = ?, password_changed_at = ?,
                 verification_hash = ?, verification_expires_at = ?, verification_ticket = ?
                 WHERE id = ? AND email = ? AND verification_hash IS NOT NULL AND verification_ticket IS NOT NULL"
        ))
        .bind(customer.name.as_str().to_owned())
        .bind(password.expose().to_owned())
        .bind(customer.language.map(Language::code))
        .bind(to_millis(customer.created_at))
        .bind(to_millis(customer.updated_at))
        .bind(customer.password_changed_at.map(to_millis))
        .bind(verification.hash.to_bytes().to_vec())
        .bind(to_millis(verification.expires_at))
        .bind(verification.ticket.map(|ticket| ticket.to_bytes().to_vec()))
        .bind(customer.id.to_bytes().to_vec())
        .bind(customer.email.as_str().to_owned());
        self.event(customer.id, replace, Some(mail)).await.map(|epoch| epoch.is_some())
    }

    async fn find(&self, id: CustomerId) -> Result<Option<Customer>, StoreError> {
        let read = sqlx::query("SELECT * FROM customers WHERE id = ?")
            .bind(id.to_bytes().to_vec())
            .try_map(|row| customer(&row))
            .fetch_optional(&self.readers);
        recall(&self.memory.customers, id, read).await.map_err(failed(id))
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Customer>, StoreError> {
        Ok(self.find_credentials(email).await?.map(|found| found.customer))
    }

    async fn list(&self, after: Option<CustomerId>, most: usize) -> Result<Vec<Customer>, StoreError> {
        // Every id is greater than an empty value.
        sqlx::query("SELECT * FROM customers WHERE id > ? ORDER BY id LIMIT ?")
            .bind(after.map(|id| id.to_bytes().to_vec()).unwrap_or_default())
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .fetch_all(&self.readers)
            .await
            .map_err(failed("a customer"))?
            .iter()
            .map(|row| customer(row).map_err(failed(name(row))))
            .collect()
    }

    async fn standing(&self, id: CustomerId) -> Result<Option<Standing>, StoreError> {
        let customer = self.find(id).await?.filter(|customer| !customer.disabled);
        Ok(customer.map(|Customer { role, epoch, .. }| Standing { role, epoch }))
    }

    async fn find_credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError> {
        sqlx::query("SELECT * FROM customers WHERE email = ?")
            .bind(email.as_str())
            .fetch_optional(&self.readers)
            .await
            .map_err(failed("a customer"))?
            .map(|row| credentials(&row).map_err(failed(name(&row))))
            .transpose()
    }

    async fn rehash_password(
        &self,
        id: CustomerId,
        old: &PasswordHash,
        new: &PasswordHash,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let rehash = sqlx::query("UPDATE customers SET password = ?, updated_at = ? WHERE id = ? AND password = ?")
            .bind(new.expose().to_owned())
            .bind(to_millis(now))
            .bind(id.to_bytes().to_vec())
            .bind(old.expose().to_owned());
        self.change(id, rehash).await
    }

    async fn change_password(&self, change: &PasswordChange<'_>, mail: Option<&Mail>) -> Result<bool, StoreError> {
        let PasswordChange { customer, epoch, old, new, now } = *change;
        let update = sqlx::query(event!(
            "password = ?, password_changed_at = ?, updated_at = ? WHERE id = ? AND password = ? AND epoch = ?"
        ))
        .bind(new.expose().to_owned())
        .bind(to_millis(now))
        .bind(to_millis(now))
        .bind(customer.to_bytes().to_vec())
        .bind(old.expose().to_owned())
        .bind(epoch.number());
        self.event(customer, update, mail).await.map(|epoch| epoch.is_some())
    }

    async fn allow_reset(&self, id: CustomerId, reset: &Reset, mail: &Mail) -> Result<(), StoreError> {
        let allow =
            sqlx::query("UPDATE customers SET reset_hash = ?, reset_expires_at = ? WHERE id = ? RETURNING epoch")
                .bind(reset.hash.to_bytes().to_vec())
                .bind(to_millis(reset.expires_at))
                .bind(id.to_bytes().to_vec());
        update_and_notify(&self.writer, allow, Some(mail)).await.map(drop).map_err(failed(id))
    }

    async fn may_reset(&self, id: CustomerId, hash: LinkHash, now: OffsetDateTime) -> Result<bool, StoreError> {
        let found = sqlx::query("SELECT 1 FROM customers WHERE id = ? AND reset_hash = ? AND reset_expires_at > ?")
            .bind(id.to_bytes().to_vec())
            .bind(hash.to_bytes().to_vec())
            .bind(to_millis(now))
            .fetch_optional(&self.readers)
            .await;
        found.map(|found| found.is_some()).map_err(failed(id))
    }

    async fn reset_password(
        &self,
        id: CustomerId,
        hash: LinkHash,
        new: &PasswordHash,
        now: OffsetDateTime,
        mail: Option<&Mail>,
    ) -> Result<Option<CredentialEpoch>, StoreError> {
        let reset = sqlx::query(event!(
            "password = ?, password_changed_at = ?, updated_at = ?, verification_hash = NULL
             WHERE id = ? AND reset_hash = ? AND reset_expires_at > ?"
        ))
        .bind(new.expose().to_owned())
        .bind(to_millis(now))
        .bind(to_millis(now))
        .bind(id.to_bytes().to_vec())
        .bind(hash.to_bytes().to_vec())
        .bind(to_millis(now));
        self.event(id, reset, mail).await
    }

    async fn address(&self, id: CustomerId) -> Result<Address, StoreError> {
        let read = sqlx::query("SELECT * FROM customers WHERE id = ?")
            .bind(id.to_bytes().to_vec())
            .try_map(|row| address(&row))
            .fetch_optional(&self.readers);
        read.await.map(Option::unwrap_or_default).map_err(failed(id))
    }

    async fn renew_verification(
        &self,
        id: CustomerId,
        hash: LinkHash,
        expires_at: OffsetDateTime,
        mail: &Mail,
    ) -> Result<(), StoreError> {
        let renew = sqlx::query(
            "UPDATE customers SET verification_hash = ?, verification_expires_at = ?
             WHERE id = ? AND verification_hash IS NOT NULL RETURNING epoch",
        )
        .bind(hash.to_bytes().to_vec())
        .bind(to_millis(expires_at))
        .bind(id.to_bytes().to_vec());
        self.event(id, renew, Some(mail)).await.map(drop)
    }

    async fn verify_email(
        &self,
        id: CustomerId,
        hash: LinkHash,
        now: OffsetDateTime,
        verifying: Verifying<'_>,
    ) -> Result<Option<CredentialEpoch>, StoreError> {
        let verify = match verifying {
            Verifying::InSession => sqlx::query(
                "UPDATE customers SET verification_hash = NULL, updated_at = ?
                 WHERE id = ? AND verification_hash = ? AND verification_expires_at > ? RETURNING epoch",
            )
            .bind(to_millis(now)),
            Verifying::InBrowser => sqlx::query(event!(
                "verification_hash = NULL, updated_at = ?
                 WHERE id = ? AND verification_hash = ? AND verification_expires_at > ?"
            ))
            .bind(to_millis(now)),
            Verifying::Elsewhere { password, reset } => sqlx::query(event!(
                "verification_hash = NULL, updated_at = ?, password = ?, reset_hash = ?, reset_expires_at = ?
                 WHERE id = ? AND verification_hash = ? AND verification_expires_at > ?"
            ))
            .bind(to_millis(now))
            .bind(password.expose().to_owned())
            .bind(reset.hash.to_bytes().to_vec())
            .bind(to_millis(reset.expires_at)),
        };
        let verify = verify.bind(id.to_bytes().to_vec()).bind(hash.to_bytes().to_vec()).bind(to_millis(now));
        self.event(id, verify, None).await
    }

    async fn propose_email(
        &self,
        customer: &Customer,
        change: &EmailChange,
        mails: &[Mail],
    ) -> Result<bool, StoreError> {
        let propose = sqlx::query(
            "UPDATE customers SET change_email = ?, change_hash = ?, change_expires_at = ?, change_session = ?
             WHERE id = ? AND epoch = ? RETURNING epoch",
        )
        .bind(change.email.as_str().to_owned())
        .bind(change.hash.to_bytes().to_vec())
        .bind(to_millis(change.expires_at))
        .bind(change.session.to_bytes().to_vec())
        .bind(customer.id.to_bytes().to_vec())
        .bind(customer.epoch.number());
        self.event(customer.id, propose, mails).await.map(|epoch| epoch.is_some())
    }

    async fn hand_over_change(&self, id: CustomerId, from: SessionId, to: SessionId) -> Result<(), StoreError> {
        let hand_over = sqlx::query("UPDATE customers SET change_session = ? WHERE id = ? AND change_session = ?")
            .bind(to.to_bytes().to_vec())
            .bind(id.to_bytes().to_vec())
            .bind(from.to_bytes().to_vec());
        self.change(id, hand_over).await.map(drop)
    }

    async fn withdraw_email(&self, id: CustomerId) -> Result<(), StoreError> {
        let withdraw =
            sqlx::query("UPDATE customers SET change_email = NULL WHERE id = ?").bind(id.to_bytes().to_vec());
        self.change(id, withdraw).await.map(drop)
    }

    async fn change_email(
        &self,
        customer: &Customer,
        change: &EmailChange,
        now: OffsetDateTime,
        former: &FormerEmails,
        mail: Option<&Mail>,
    ) -> Result<Option<CredentialEpoch>, AddressError> {
        let update = sqlx::query(event!(
            "UPDATE OR IGNORE",
            "email = change_email, updated_at = ?, former = ?, verification_hash = NULL
             WHERE id = ? AND email = ? AND change_email = ? AND change_hash = ? AND change_expires_at > ?"
        ))
        .bind(to_millis(now))
        .bind(former::to_column(former))
        .bind(customer.id.to_bytes().to_vec())
        .bind(customer.email.as_str().to_owned())
        .bind(change.email.as_str().to_owned())
        .bind(change.hash.to_bytes().to_vec())
        .bind(to_millis(now));
        let changed = self.event(customer.id, update, mail).await?;
        self.unless_taken(customer.id, &change.email, changed).await
    }

    async fn secure(&self, securing: &Securing<'_>, mails: &[Mail]) -> Result<Option<CredentialEpoch>, AddressError> {
        let Securing { customer, by, password, reset, now } = securing;
        let update = match by {
            Notified::AtPresent { .. } => event!(
                "password = ?, updated_at = ?, secured_at = ?, reset_hash = ?, reset_expires_at = ?
                 WHERE id = ? AND email = ? AND coalesce(secured_at, 0) < ?"
            ),
            Notified::Before { .. } => event!(
                "UPDATE OR IGNORE",
                "password = ?, updated_at = ?, secured_at = ?, reset_hash = ?, reset_expires_at = ?,
                 email = ?, former = ?, verification_hash = NULL
                 WHERE id = ? AND email = ? AND former IS NOT NULL"
            ),
        };
        let update = sqlx::query(update)
            .bind(password.expose().to_owned())
            .bind(to_millis(*now))
            .bind(to_millis(*now))
            .bind(reset.hash.to_bytes().to_vec())
            .bind(to_millis(reset.expires_at));
        let (id, email) = (customer.id.to_bytes().to_vec(), customer.email.as_str().to_owned());
        let update = match by {
            Notified::AtPresent { written_at } => update.bind(id).bind(email).bind(to_millis(*written_at)),
            Notified::Before { left, replaced } => {
                update.bind(email).bind(former::to_column(left)).bind(id).bind(replaced.as_str().to_owned())
            }
        };
        let secured = self.event(customer.id, update, mails).await?;
        self.unless_taken(customer.id, &customer.email, secured).await
    }

    async fn remove_unverified(&self, email: &EmailAddress) -> Result<Option<CustomerId>, StoreError> {
        let Some(customer) = self.find_by_email(email).await? else { return Ok(None) };
        let remove =
            sqlx::query("DELETE FROM customers WHERE id = ? AND verification_hash IS NOT NULL AND NOT disabled")
                .bind(customer.id.to_bytes().to_vec());
        Ok(self.change(customer.id, remove).await?.then_some(customer.id))
    }

    async fn remove_abandoned(&self, made_before: OffsetDateTime, now: OffsetDateTime) -> Result<u64, StoreError> {
        let abandoned = |sql: &'static str| sqlx::query(sql).bind(to_millis(made_before)).bind(to_millis(now));
        // Scans all customers, so it uses a reader: writes do not wait for it.
        let read = abandoned(concat!("SELECT id FROM customers WHERE ", abandoned!(), " LIMIT 10000"));
        let ids: Vec<[u8; 12]> =
            read.try_map(|row| bytes(&row, "id")).fetch_all(&self.readers).await.map_err(failed("a customer"))?;
        let mut removed = 0;
        for id in ids {
            let remove = abandoned(concat!("DELETE FROM customers WHERE ", abandoned!(), " AND id = ?"));
            let is_removed = self.change(CustomerId::from_bytes(id), remove.bind(id.to_vec())).await?;
            removed += u64::from(is_removed);
        }
        Ok(removed)
    }

    async fn set_language(&self, id: CustomerId, language: Language) -> Result<(), StoreError> {
        let set = sqlx::query("UPDATE customers SET language = ? WHERE id = ?")
            .bind(language.code())
            .bind(id.to_bytes().to_vec());
        self.change(id, set).await.map(drop)
    }

    async fn start_epoch(
        &self,
        id: CustomerId,
        current: Option<CredentialEpoch>,
    ) -> Result<Option<CredentialEpoch>, StoreError> {
        let start = sqlx::query(event!("id = id WHERE id = ? AND epoch = coalesce(?, epoch)"))
            .bind(id.to_bytes().to_vec())
            .bind(current.map(CredentialEpoch::number));
        self.event(id, start, None).await
    }

    async fn set_disabled(&self, id: CustomerId, disabled: bool, now: OffsetDateTime) -> Result<bool, StoreError> {
        let set = if disabled {
            event!("disabled = TRUE, former = NULL, updated_at = ? WHERE id = ?")
        } else {
            "UPDATE customers SET disabled = FALSE, updated_at = ? WHERE id = ? RETURNING epoch"
        };
        let set = sqlx::query(set).bind(to_millis(now)).bind(id.to_bytes().to_vec());
        self.event(id, set, None).await.map(|epoch| epoch.is_some())
    }

    async fn set_role(&self, id: CustomerId, role: Role, now: OffsetDateTime) -> Result<bool, StoreError> {
        let set = sqlx::query("UPDATE customers SET role = ?, updated_at = ? WHERE id = ?")
            .bind(role.as_str())
            .bind(to_millis(now))
            .bind(id.to_bytes().to_vec());
        self.change(id, set).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.ping().await
    }
}

impl Embedded {
    /// Returns `EmailTaken` if another customer has the address: the unique constraint then ignores the change.
    async fn unless_taken<T>(
        &self,
        id: CustomerId,
        email: &EmailAddress,
        changed: Option<T>,
    ) -> Result<Option<T>, AddressError> {
        let is_others = |found: Customer| found.id != id;
        if changed.is_none() && self.find_by_email(email).await?.is_some_and(is_others) {
            return Err(AddressError::EmailTaken);
        }
        Ok(changed)
    }

    /// Changes a customer, removes them from the cache, and returns true if the customer exists.
    async fn change(&self, id: CustomerId, update: Statement<'static>) -> Result<bool, StoreError> {
        let change = async move |store: Self| {
            let changed = store.write(update, id).await;
            store.memory.customers.remove(&id);
            changed.map(|changed| changed > 0)
        };
        self.see_through(change).await
    }

    /// Like [`Self::change`], for a statement that returns the epoch, and with mails about the change.
    async fn event(
        &self,
        id: CustomerId,
        update: Statement<'static>,
        mails: impl IntoIterator<Item = &Mail> + Send,
    ) -> Result<Option<CredentialEpoch>, StoreError> {
        let mails: Vec<Mail> = mails.into_iter().cloned().collect();
        let change = async move |store: Self| {
            let changed = update_and_notify(&store.writer, update, &mails).await;
            store.memory.customers.remove(&id);
            changed.map_err(failed(id))
        };
        self.see_through(change).await
    }
}

/// Changes a customer by a statement that returns the epoch, and adds the mails about it to the outbox, in one
/// transaction. Returns `None` if the customer does not exist.
async fn update_and_notify(
    writer: &SqlitePool,
    update: Statement<'_>,
    mails: impl IntoIterator<Item = &Mail>,
) -> sqlx::Result<Option<CredentialEpoch>> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let updated = update.fetch_optional(&mut *transaction).await?;
    let epoch = updated.map(|row| row.try_get("epoch").map(CredentialEpoch::new)).transpose()?;
    if epoch.is_some() {
        for mail in mails {
            outbox::add(&mut transaction, mail).await?;
        }
    }
    transaction.commit().await?;
    Ok(epoch)
}

pub(super) fn address(row: &SqliteRow) -> sqlx::Result<Address> {
    let has = |column| row.try_get_raw(column).map(|value| !value.is_null());
    let email = |column| row.try_get(column).map(EmailAddress::from_store);
    let verification = || -> sqlx::Result<_> {
        let ticket = has("verification_ticket")?.then(|| bytes(row, "verification_ticket")).transpose()?;
        Ok(Verification {
            hash: LinkHash::from_bytes(bytes(row, "verification_hash")?),
            expires_at: time(row, "verification_expires_at")?,
            ticket: ticket.map(TicketHash::from_bytes),
        })
    };
    let change = || -> sqlx::Result<_> {
        Ok(EmailChange {
            email: email("change_email")?,
            hash: LinkHash::from_bytes(bytes(row, "change_hash")?),
            expires_at: time(row, "change_expires_at")?,
            session: SessionId::from_bytes(bytes(row, "change_session")?),
        })
    };
    Ok(Address {
        verification: has("verification_hash")?.then(verification).transpose()?,
        change: has("change_email")?.then(change).transpose()?,
        former: former::from_row(row)?,
        secured_at: has("secured_at")?.then(|| time(row, "secured_at")).transpose()?,
    })
}

fn credentials(row: &SqliteRow) -> sqlx::Result<Credentials> {
    Ok(Credentials { customer: customer(row)?, password: PasswordHash::new(row.try_get("password")?) })
}

/// Returns the customer's name in logs: the id, as far as it can be read.
pub(super) fn name(row: &SqliteRow) -> String {
    bytes(row, "id").map_or_else(|_| "a customer".to_owned(), |id| CustomerId::from_bytes(id).to_string())
}

pub(super) fn customer(row: &SqliteRow) -> sqlx::Result<Customer> {
    Ok(Customer {
        id: CustomerId::from_bytes(bytes(row, "id")?),
        name: PersonName::from_store(row.try_get("name")?),
        email: EmailAddress::from_store(row.try_get("email")?),
        verified: row.try_get_raw("verification_hash")?.is_null(),
        disabled: row.try_get("disabled")?,
        role: Role::from_store(row.try_get("role")?),
        language: row.try_get::<Option<&str>, _>("language")?.and_then(Language::parse),
        epoch: CredentialEpoch::new(row.try_get("epoch")?),
        password_changed_at: row
            .try_get::<Option<i64>, _>("password_changed_at")?
            .map(|_| time(row, "password_changed_at"))
            .transpose()?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}
