//! Customers in the embedded store.

use async_trait::async_trait;
use sqlx::{Row, SqlitePool, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{Embedded, bytes, failed, outbox, time, to_millis};
use crate::{
    accounts::{
        Mail,
        ports::{CreateCustomerError, Credentials, Customers, PasswordHash, StoreError},
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
            let replaced = replace_password(&store.writer, id, (&old, &new), now, mail.as_ref()).await;
            store.memory.customers.remove(&id);
            replaced.map_err(failed(id))
        };
        self.see_through(replace).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.ping().await
    }
}

async fn replace_password(
    writer: &SqlitePool,
    id: CustomerId,
    (old, new): (&PasswordHash, &PasswordHash),
    now: OffsetDateTime,
    mail: Option<&Mail>,
) -> sqlx::Result<bool> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let update = sqlx::query("UPDATE customers SET password = ?, updated_at = ? WHERE id = ? AND password = ?")
        .bind(new.expose())
        .bind(to_millis(now))
        .bind(id.to_bytes().to_vec())
        .bind(old.expose());
    let replaced = update.execute(&mut *transaction).await?.rows_affected() > 0;
    if let (true, Some(mail)) = (replaced, mail) {
        outbox::add(&mut transaction, mail).await?;
    }
    transaction.commit().await?;
    Ok(replaced)
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
