//! Customers in the embedded store.

use async_trait::async_trait;
use sqlx::{Row, SqlitePool, ValueRef, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{Embedded, Statement, bytes, failed, outbox, time, to_millis};
use crate::{
    accounts::{
        LinkHash, Mail, TicketHash,
        ports::{CreateCustomerError, Credentials, Customers, PasswordHash, Reset, StoreError, Verification},
    },
    adapters::recall::recall,
    domain::{Customer, CustomerId, EmailAddress, PersonName, Role},
};

#[async_trait]
impl Customers for Embedded {
    async fn create(
        &self,
        new: &Credentials,
        verification: Option<&Verification>,
        mail: Option<&Mail>,
    ) -> Result<(), CreateCustomerError> {
        let Credentials { customer, password } = new;
        let insert = sqlx::query(
            "INSERT INTO customers (id, name, email, password, role, created_at, updated_at,
                                    verification_hash, verification_expires_at, verification_ticket)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING",
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
        .bind(verification.and_then(|awaited| awaited.ticket).map(|ticket| ticket.to_bytes().to_vec()));
        let created = update_and_tell(&self.writer, insert, mail).await.map_err(failed(customer.id))?;
        if created { Ok(()) } else { Err(CreateCustomerError::EmailTaken) }
    }

    async fn replace_unverified(
        &self,
        new: &Credentials,
        verification: &Verification,
        mail: &Mail,
    ) -> Result<bool, StoreError> {
        let Credentials { customer, password } = new;
        let replace = sqlx::query(
            "UPDATE customers SET name = ?, password = ?, created_at = ?, updated_at = ?, reset_hash = NULL,
                                  verification_hash = ?, verification_expires_at = ?, verification_ticket = ?
             WHERE id = ? AND email = ? AND verification_hash IS NOT NULL",
        )
        .bind(customer.name.as_str().to_owned())
        .bind(password.expose().to_owned())
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

    async fn role(&self, id: CustomerId) -> Result<Option<Role>, StoreError> {
        Ok(self.find(id).await?.map(|customer| customer.role))
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

    async fn verification(&self, id: CustomerId) -> Result<Option<Verification>, StoreError> {
        let read = "SELECT verification_hash, verification_expires_at, verification_ticket FROM customers
                    WHERE id = ? AND verification_hash IS NOT NULL";
        let read = sqlx::query(read).bind(id.to_bytes().to_vec()).try_map(|row: SqliteRow| {
            let has_ticket = !row.try_get_raw("verification_ticket")?.is_null();
            Ok(Verification {
                hash: LinkHash::from_bytes(bytes(&row, "verification_hash")?),
                expires_at: time(&row, "verification_expires_at")?,
                ticket: has_ticket.then(|| bytes(&row, "verification_ticket")).transpose()?.map(TicketHash::from_bytes),
            })
        });
        read.fetch_optional(&self.readers).await.map_err(failed(id))
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

    async fn ping(&self) -> Result<(), StoreError> {
        self.ping().await
    }
}

impl Embedded {
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

fn customer(row: &SqliteRow) -> sqlx::Result<Customer> {
    Ok(Customer {
        id: CustomerId::from_bytes(bytes(row, "id")?),
        name: PersonName::from_store(row.try_get("name")?),
        email: EmailAddress::from_store(row.try_get("email")?),
        verified: row.try_get_raw("verification_hash")?.is_null(),
        role: Role::from_store(row.try_get("role")?),
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}
