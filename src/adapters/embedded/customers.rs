//! Customers in the embedded store.

use async_trait::async_trait;
use sqlx::{Row, SqlitePool, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{Embedded, Statement, bytes, failed, outbox, time, to_millis};
use crate::{
    accounts::{
        LinkHash, Mail,
        ports::{CreateCustomerError, Credentials, Customers, PasswordHash, Reset, StoreError},
    },
    adapters::recall::recall,
    domain::{Customer, CustomerId, EmailAddress, PersonName, Role},
};

#[async_trait]
impl Customers for Embedded {
    async fn create(&self, new: &Credentials) -> Result<(), CreateCustomerError> {
        let Credentials { customer, password } = new;
        let insert = sqlx::query(
            "INSERT INTO customers (id, name, email, password, role, created_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING",
        )
        .bind(customer.id.to_bytes().to_vec())
        .bind(customer.name.as_str())
        .bind(customer.email.as_str())
        .bind(password.expose())
        .bind(customer.role.as_str())
        .bind(to_millis(customer.created_at))
        .bind(to_millis(customer.updated_at));
        match self.write(insert, customer.id).await? {
            0 => Err(CreateCustomerError::EmailTaken),
            _ => Ok(()),
        }
    }

    async fn find(&self, id: CustomerId) -> Result<Option<Customer>, StoreError> {
        let read = sqlx::query("SELECT id, name, email, role, created_at, updated_at FROM customers WHERE id = ?")
            .bind(id.to_bytes().to_vec())
            .try_map(|row| customer(&row))
            .fetch_optional(&self.readers);
        recall(&self.memory.customers, id, read).await.map_err(failed(id))
    }

    async fn role(&self, id: CustomerId) -> Result<Option<Role>, StoreError> {
        Ok(self.find(id).await?.map(|customer| customer.role))
    }

    async fn find_credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError> {
        sqlx::query("SELECT id, name, email, password, role, created_at, updated_at FROM customers WHERE email = ?")
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
        let (old, new, mail) = (old.clone(), new.clone(), mail.cloned());
        let replace = async move |store: Self| {
            let replace = sqlx::query(
                "UPDATE customers SET password = ?, updated_at = ?, reset_hash = NULL WHERE id = ? AND password = ?",
            )
            .bind(new.expose().to_owned())
            .bind(to_millis(now))
            .bind(id.to_bytes().to_vec())
            .bind(old.expose().to_owned());
            let replaced = update_and_tell(&store.writer, replace, mail.as_ref()).await;
            store.memory.customers.remove(&id);
            replaced.map_err(failed(id))
        };
        self.see_through(replace).await
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
        let (new, mail) = (new.clone(), mail.cloned());
        let reset = async move |store: Self| {
            let reset = sqlx::query(
                "UPDATE customers SET password = ?, updated_at = ?, reset_hash = NULL
                 WHERE id = ? AND reset_hash = ? AND reset_expires_at > ?",
            )
            .bind(new.expose().to_owned())
            .bind(to_millis(now))
            .bind(id.to_bytes().to_vec())
            .bind(hash.to_bytes().to_vec())
            .bind(to_millis(now));
            let done = update_and_tell(&store.writer, reset, mail.as_ref()).await;
            store.memory.customers.remove(&id);
            done.map_err(failed(id))
        };
        self.see_through(reset).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.ping().await
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
        role: Role::from_store(row.try_get("role")?),
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}
