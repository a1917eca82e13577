//! Customers in the embedded store.

use async_trait::async_trait;
use sqlx::{Row, SqlitePool, ValueRef, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{Embedded, Statement, bytes, failed, outbox, time, to_millis};
use crate::{
    accounts::{
        LinkHash, Mail, SessionId, TicketHash,
        ports::{
            Address, AddressError, Credentials, Customers, EmailChange, FormerEmail, Notified, PasswordHash, Reset,
            Securing, StoreError, Verification,
        },
    },
    adapters::recall::recall,
    domain::{Customer, CustomerId, EmailAddress, Language, PersonName, Role},
};

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
                                    verification_hash, verification_expires_at, verification_ticket, language, disabled)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING",
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
        .bind(customer.disabled);
        let created = update_and_tell(&self.writer, insert, mail).await.map_err(failed(customer.id))?;
        if created { Ok(()) } else { Err(AddressError::EmailTaken) }
    }

    async fn replace_unverified(
        &self,
        new: &Credentials,
        verification: &Verification,
        mail: &Mail,
    ) -> Result<bool, StoreError> {
        let Credentials { customer, password } = new;
        let replace = sqlx::query(
            "UPDATE customers SET name = ?, password = ?, language = ?, created_at = ?, updated_at = ?, reset_hash = NULL,
                                  verification_hash = ?, verification_expires_at = ?, verification_ticket = ?
             WHERE id = ? AND email = ? AND verification_hash IS NOT NULL",
        )
        .bind(customer.name.as_str().to_owned())
        .bind(password.expose().to_owned())
        .bind(customer.language.map(Language::code))
        .bind(to_millis(customer.created_at))
        .bind(to_millis(customer.updated_at))
        .bind(verification.hash.to_bytes().to_vec())
        .bind(to_millis(verification.expires_at))
        .bind(verification.ticket.map(|ticket| ticket.to_bytes().to_vec()))
        .bind(customer.id.to_bytes().to_vec())
        .bind(customer.email.as_str().to_owned());
        self.change(customer.id, replace, Some(mail)).await
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
        // Every id is more than no bytes.
        sqlx::query("SELECT * FROM customers WHERE id > ? ORDER BY id LIMIT ?")
            .bind(after.map(|id| id.to_bytes().to_vec()).unwrap_or_default())
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .try_map(|row| customer(&row))
            .fetch_all(&self.readers)
            .await
            .map_err(failed("a customer"))
    }

    async fn role(&self, id: CustomerId) -> Result<Option<Role>, StoreError> {
        Ok(self.find(id).await?.filter(|customer| !customer.disabled).map(|customer| customer.role))
    }

    async fn find_credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError> {
        sqlx::query("SELECT * FROM customers WHERE email = ?")
            .bind(email.as_str())
            .try_map(|row: SqliteRow| {
                Ok(Credentials { customer: customer(&row)?, password: PasswordHash::new(row.try_get("password")?) })
            })
            .fetch_optional(&self.readers)
            .await
            .map_err(failed("a customer"))
    }

    async fn replace_password(
        &self,
        id: CustomerId,
        old: &PasswordHash,
        new: &PasswordHash,
        now: OffsetDateTime,
        mail: Option<&Mail>,
    ) -> Result<bool, StoreError> {
        let replace = sqlx::query(
            "UPDATE customers SET password = ?, updated_at = ?, reset_hash = NULL WHERE id = ? AND password = ?",
        )
        .bind(new.expose().to_owned())
        .bind(to_millis(now))
        .bind(id.to_bytes().to_vec())
        .bind(old.expose().to_owned());
        self.change(id, replace, mail).await
    }

    async fn allow_reset(&self, id: CustomerId, reset: &Reset, mail: &Mail) -> Result<(), StoreError> {
        let allow = sqlx::query("UPDATE customers SET reset_hash = ?, reset_expires_at = ? WHERE id = ?")
            .bind(reset.hash.to_bytes().to_vec())
            .bind(to_millis(reset.expires_at))
            .bind(id.to_bytes().to_vec());
        update_and_tell(&self.writer, allow, Some(mail)).await.map(drop).map_err(failed(id))
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
    ) -> Result<bool, StoreError> {
        let reset = sqlx::query(
            "UPDATE customers SET password = ?, updated_at = ?, reset_hash = NULL, verification_hash = NULL
             WHERE id = ? AND reset_hash = ? AND reset_expires_at > ?",
        )
        .bind(new.expose().to_owned())
        .bind(to_millis(now))
        .bind(id.to_bytes().to_vec())
        .bind(hash.to_bytes().to_vec())
        .bind(to_millis(now));
        self.change(id, reset, mail).await
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
             WHERE id = ? AND verification_hash IS NOT NULL",
        )
        .bind(hash.to_bytes().to_vec())
        .bind(to_millis(expires_at))
        .bind(id.to_bytes().to_vec());
        self.change(id, renew, Some(mail)).await.map(drop)
    }

    async fn verify_email(
        &self,
        id: CustomerId,
        hash: LinkHash,
        now: OffsetDateTime,
        anew: Option<(&PasswordHash, &Reset)>,
    ) -> Result<bool, StoreError> {
        let verify = sqlx::query(
            "UPDATE customers SET verification_hash = NULL, updated_at = ?, password = coalesce(?, password),
                                  reset_hash = ?, reset_expires_at = ?
             WHERE id = ? AND verification_hash = ? AND verification_expires_at > ?",
        )
        .bind(to_millis(now))
        .bind(anew.map(|(password, _)| password.expose().to_owned()))
        .bind(anew.map(|(_, reset)| reset.hash.to_bytes().to_vec()))
        .bind(anew.map(|(_, reset)| to_millis(reset.expires_at)))
        .bind(id.to_bytes().to_vec())
        .bind(hash.to_bytes().to_vec())
        .bind(to_millis(now));
        self.change(id, verify, None).await
    }

    async fn propose_email(&self, id: CustomerId, change: &EmailChange, mail: &Mail) -> Result<(), StoreError> {
        let propose = sqlx::query(
            "UPDATE customers SET change_email = ?, change_hash = ?, change_expires_at = ?, change_session = ? WHERE id = ?",
        )
        .bind(change.email.as_str().to_owned())
        .bind(change.hash.to_bytes().to_vec())
        .bind(to_millis(change.expires_at))
        .bind(change.session.to_bytes().to_vec())
        .bind(id.to_bytes().to_vec());
        self.change(id, propose, Some(mail)).await.map(drop)
    }

    async fn withdraw_email(&self, id: CustomerId) -> Result<(), StoreError> {
        let withdraw =
            sqlx::query("UPDATE customers SET change_email = NULL WHERE id = ?").bind(id.to_bytes().to_vec());
        self.change(id, withdraw, None).await.map(drop)
    }

    async fn change_email(
        &self,
        customer: &Customer,
        change: &EmailChange,
        now: OffsetDateTime,
        former: &FormerEmail,
        mail: Option<&Mail>,
    ) -> Result<bool, AddressError> {
        let update = sqlx::query(
            "UPDATE OR IGNORE customers
             SET email = change_email, updated_at = ?, former_email = ?, former_until = ?,
                 change_email = NULL, reset_hash = NULL, verification_hash = NULL
             WHERE id = ? AND email = ? AND change_email = ? AND change_hash = ? AND change_expires_at > ?",
        )
        .bind(to_millis(now))
        .bind(former.email.as_str().to_owned())
        .bind(to_millis(former.until))
        .bind(customer.id.to_bytes().to_vec())
        .bind(customer.email.as_str().to_owned())
        .bind(change.email.as_str().to_owned())
        .bind(change.hash.to_bytes().to_vec())
        .bind(to_millis(now));
        let changed = self.change(customer.id, update, mail).await?;
        self.unless_taken(customer.id, &change.email, changed).await
    }

    async fn secure(&self, securing: &Securing<'_>, mail: &Mail) -> Result<bool, AddressError> {
        let Securing { customer, by, password, reset, now } = securing;
        let (update, bound) = match by {
            Notified::AtPresent { written_at } => (
                "UPDATE customers
                 SET password = ?, updated_at = ?, secured_at = ?, reset_hash = ?, reset_expires_at = ?, change_email = NULL
                 WHERE id = ? AND email = ? AND coalesce(secured_at, 0) < ?",
                written_at,
            ),
            Notified::Before => (
                "UPDATE OR IGNORE customers
                 SET password = ?, updated_at = ?, secured_at = ?, reset_hash = ?, reset_expires_at = ?, change_email = NULL,
                     email = former_email, former_email = NULL, verification_hash = NULL
                 WHERE id = ? AND former_email = ? AND former_until > ?",
                now,
            ),
        };
        let update = sqlx::query(update)
            .bind(password.expose().to_owned())
            .bind(to_millis(*now))
            .bind(to_millis(*now))
            .bind(reset.hash.to_bytes().to_vec())
            .bind(to_millis(reset.expires_at))
            .bind(customer.id.to_bytes().to_vec())
            .bind(customer.email.as_str().to_owned())
            .bind(to_millis(*bound));
        let secured = self.change(customer.id, update, Some(mail)).await?;
        self.unless_taken(customer.id, &customer.email, secured).await
    }

    async fn remove_unverified(&self, email: &EmailAddress) -> Result<bool, StoreError> {
        let Some(customer) = self.find_by_email(email).await? else { return Ok(false) };
        let remove = sqlx::query("DELETE FROM customers WHERE id = ? AND verification_hash IS NOT NULL")
            .bind(customer.id.to_bytes().to_vec());
        self.change(customer.id, remove, None).await
    }

    async fn remove_abandoned(&self, made_before: OffsetDateTime, now: OffsetDateTime) -> Result<u64, StoreError> {
        let abandoned = |sql: &'static str| sqlx::query(sql).bind(to_millis(made_before)).bind(to_millis(now));
        // All customers are read, which nobody who writes has to wait for.
        let read = abandoned(
            "SELECT id FROM customers WHERE verification_hash IS NOT NULL AND verification_ticket IS NOT NULL
                 AND created_at <= ? AND verification_expires_at <= ? LIMIT 10000",
        );
        let ids: Vec<[u8; 12]> =
            read.try_map(|row| bytes(&row, "id")).fetch_all(&self.readers).await.map_err(failed("a customer"))?;
        let mut removed = 0;
        for id in ids {
            let remove = abandoned(
                "DELETE FROM customers WHERE verification_hash IS NOT NULL AND verification_ticket IS NOT NULL
                     AND created_at <= ? AND verification_expires_at <= ? AND id = ?",
            );
            let is_removed = self.change(CustomerId::from_bytes(id), remove.bind(id.to_vec()), None).await?;
            removed += u64::from(is_removed);
        }
        Ok(removed)
    }

    async fn set_language(&self, id: CustomerId, language: Language) -> Result<(), StoreError> {
        let set = sqlx::query("UPDATE customers SET language = ? WHERE id = ?")
            .bind(language.code())
            .bind(id.to_bytes().to_vec());
        self.change(id, set, None).await.map(drop)
    }

    async fn set_disabled(&self, id: CustomerId, disabled: bool, now: OffsetDateTime) -> Result<bool, StoreError> {
        let set = sqlx::query("UPDATE customers SET disabled = ?, updated_at = ? WHERE id = ?")
            .bind(disabled)
            .bind(to_millis(now))
            .bind(id.to_bytes().to_vec());
        self.change(id, set, None).await
    }

    async fn set_role(&self, id: CustomerId, role: Role, now: OffsetDateTime) -> Result<bool, StoreError> {
        let set = sqlx::query("UPDATE customers SET role = ?, updated_at = ? WHERE id = ?")
            .bind(role.as_str())
            .bind(to_millis(now))
            .bind(id.to_bytes().to_vec());
        self.change(id, set, None).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.ping().await
    }
}

impl Embedded {
    /// Why a customer was not given an address: the constraint that one address is one customer has the change ignored.
    async fn unless_taken(&self, id: CustomerId, email: &EmailAddress, changed: bool) -> Result<bool, AddressError> {
        let is_others = |found: Customer| found.id != id;
        if !changed && self.find_by_email(email).await?.is_some_and(is_others) {
            return Err(AddressError::EmailTaken);
        }
        Ok(changed)
    }

    /// Changes a customer who may be remembered, and says whether there was one to change.
    async fn change(
        &self,
        id: CustomerId,
        update: Statement<'static>,
        mail: Option<&Mail>,
    ) -> Result<bool, StoreError> {
        let mail = mail.cloned();
        let change = async move |store: Self| {
            let changed = update_and_tell(&store.writer, update, mail.as_ref()).await;
            store.memory.customers.remove(&id);
            changed.map_err(failed(id))
        };
        self.see_through(change).await
    }
}

/// Changes a customer and puts the mail that tells of it into the outbox, in one step. Says whether there was one to change.
async fn update_and_tell(writer: &SqlitePool, update: Statement<'_>, mail: Option<&Mail>) -> sqlx::Result<bool> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let updated = update.execute(&mut *transaction).await?.rows_affected() > 0;
    if let (true, Some(mail)) = (updated, mail) {
        outbox::add(&mut transaction, mail).await?;
    }
    transaction.commit().await?;
    Ok(updated)
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
    let former =
        || -> sqlx::Result<_> { Ok(FormerEmail { email: email("former_email")?, until: time(row, "former_until")? }) };
    Ok(Address {
        verification: has("verification_hash")?.then(verification).transpose()?,
        change: has("change_email")?.then(change).transpose()?,
        former: has("former_email")?.then(former).transpose()?,
        secured_at: has("secured_at")?.then(|| time(row, "secured_at")).transpose()?,
    })
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
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}
