//! Export and import of the embedded store.

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, SqliteConnection, ValueRef, sqlite::SqliteRow};

use super::{Embedded, browsers, bytes, customers, failed, former, outbox, time, timeline, to_millis};
use crate::{
    accounts::{
        Activity, BrowserHash, LinkHash,
        ports::{
            Address, Archive, Belonging, CustomerRecord, HeldCustomer, KnownBrowser, LeftOut, LeftOutReason, Page,
            PasswordHash, Replacement, Reset, StoreError, WaitingMail,
        },
    },
    domain::{CredentialEpoch, Customer, CustomerId, Language},
};

/// All columns of a customer, the id first, in the order in which [`put_customer`] binds them.
const COLUMNS: [&str; 22] = [
    "id",
    "name",
    "email",
    "password",
    "role",
    "disabled",
    "language",
    "created_at",
    "updated_at",
    "verification_hash",
    "verification_expires_at",
    "verification_ticket",
    "reset_hash",
    "reset_expires_at",
    "change_email",
    "change_hash",
    "change_expires_at",
    "change_session",
    "former",
    "secured_at",
    "password_changed_at",
    "epoch",
];

/// Inserts or replaces a customer. Fails if the address belongs to another customer, and then changes neither row.
static PUT_CUSTOMER: LazyLock<Arc<str>> = LazyLock::new(|| {
    let places = vec!["?"; COLUMNS.len()].join(", ");
    let changed: Vec<String> = COLUMNS[1..].iter().map(|column| format!("{column} = excluded.{column}")).collect();
    format!(
        "INSERT INTO customers ({}) VALUES ({places}) ON CONFLICT (id) DO UPDATE SET {}",
        COLUMNS.join(", "),
        changed.join(", ")
    )
    .into()
});

#[async_trait]
impl Archive for Embedded {
    async fn customers(&self, after: Option<CustomerId>, most: usize) -> Result<Page, StoreError> {
        let rows = sqlx::query("SELECT * FROM customers WHERE id > ? ORDER BY id LIMIT ?")
            // Every id is greater than an empty value.
            .bind(after.map_or_else(Vec::new, |id| id.to_bytes().to_vec()))
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .fetch_all(&self.readers)
            .await
            .map_err(failed("customers"))?;
        let last = rows.last().map(|row| bytes(row, "id")).transpose().map_err(failed("customers"))?;
        let customers = rows.iter().map(record);
        Ok(Page { customers: customers.collect(), last: last.map(CustomerId::from_bytes) })
    }

    async fn belongings(&self, customers: &[CustomerId]) -> Result<Vec<Result<Belonging, StoreError>>, StoreError> {
        let mut belongings = Vec::new();
        for (table, order, read) in [
            ("browsers", "browser", browser as fn(&SqliteRow) -> sqlx::Result<Belonging>),
            ("timeline", "at, id", activity),
            ("outbox", "written_at, id", mail),
        ] {
            let mut query = QueryBuilder::<Sqlite>::new("SELECT * FROM ");
            query.push(table).push(" WHERE customer IN (");
            let mut ids = query.separated(", ");
            for customer in customers {
                ids.push_bind(customer.to_bytes().to_vec());
            }
            ids.push_unseparated(") ORDER BY customer, ");
            query.push(order);
            let rows = query.build().fetch_all(&self.readers).await.map_err(failed(table))?;
            belongings.extend(rows.iter().map(|row| read(row).map_err(failed(format!("a record in {table}")))));
        }
        Ok(belongings)
    }

    async fn put_customers(&self, records: &[CustomerRecord]) -> Result<Vec<LeftOut>, StoreError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed("customers"))?;
        let mut left_out = Vec::new();
        for (index, record) in records.iter().enumerate() {
            let put = put_customer(&mut transaction, record).await.map_err(failed(record.customer.id))?;
            left_out.extend(put.err().map(|reason| LeftOut { index, reason }));
        }
        transaction.commit().await.map_err(failed("customers"))?;
        self.memory.customers.clear();
        Ok(left_out)
    }

    async fn put_belongings(&self, belongings: &[Belonging]) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed("belongings"))?;
        for belonging in belongings {
            let put = match belonging {
                Belonging::Browser(browser) => browsers::remember(browser).execute(&mut *transaction).await.map(drop),
                Belonging::Activity(activity) => put_activity(&mut transaction, activity).await,
                Belonging::Mail(waiting) => {
                    outbox::put(&mut transaction, &waiting.mail, waiting.due_at, waiting.attempts).await
                }
            };
            put.map_err(failed(belonging.customer()))?;
        }
        transaction.commit().await.map_err(failed("belongings"))
    }
}

fn record(row: &SqliteRow) -> Result<CustomerRecord, StoreError> {
    let read = || -> sqlx::Result<_> {
        let has_reset = !row.try_get_raw("reset_hash")?.is_null();
        let reset = || -> sqlx::Result<_> {
            Ok(Reset {
                hash: LinkHash::from_bytes(bytes(row, "reset_hash")?),
                expires_at: time(row, "reset_expires_at")?,
            })
        };
        Ok(CustomerRecord {
            customer: customers::customer(row)?,
            password: password(row)?,
            reset: has_reset.then(reset).transpose()?,
            address: customers::address(row)?,
        })
    };
    read().map_err(failed(customers::name(row)))
}

fn browser(row: &SqliteRow) -> sqlx::Result<Belonging> {
    Ok(Belonging::Browser(KnownBrowser {
        customer: CustomerId::from_bytes(bytes(row, "customer")?),
        browser: BrowserHash::from_bytes(bytes(row, "browser")?),
        epoch: CredentialEpoch::new(row.try_get("epoch")?),
        expires_at: time(row, "expires_at")?,
    }))
}

fn activity(row: &SqliteRow) -> sqlx::Result<Belonging> {
    let customer = CustomerId::from_bytes(bytes(row, "customer")?);
    Ok(Belonging::Activity(timeline::activity(customer, row)?))
}

fn mail(row: &SqliteRow) -> sqlx::Result<Belonging> {
    let taken = outbox::taken(row)?;
    let waiting = WaitingMail { mail: taken.mail, due_at: time(row, "due_at")?, attempts: taken.attempts };
    Ok(Belonging::Mail(Box::new(waiting)))
}

/// Writes a customer, unless the store's own record takes precedence or the address belongs to another customer.
async fn put_customer(
    connection: &mut SqliteConnection,
    record: &CustomerRecord,
) -> sqlx::Result<Result<(), LeftOutReason>> {
    let epoch = match held(connection, record.customer.id).await?.map(|held| record.replacement_of(&held)) {
        Some(Replacement::Same) => return Ok(Ok(())),
        Some(Replacement::Older) => return Ok(Err(LeftOutReason::Older)),
        Some(Replacement::Newer(epoch)) => epoch,
        None => record.customer.epoch,
    };
    match write_customer(connection, record, epoch).await {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(Err(LeftOutReason::AddressTaken)),
        written => written.map(Ok),
    }
}

/// Reads the fields that decide if a record replaces the customer. Returns `None` if the customer does not exist.
async fn held(connection: &mut SqliteConnection, id: CustomerId) -> sqlx::Result<Option<HeldCustomer>> {
    sqlx::query("SELECT * FROM customers WHERE id = ?")
        .bind(id.to_bytes().to_vec())
        .try_map(|row: SqliteRow| {
            Ok(HeldCustomer {
                epoch: CredentialEpoch::new(row.try_get("epoch")?),
                updated_at: time(&row, "updated_at")?,
                password: password(&row)?,
                email: row.try_get("email")?,
                disabled: row.try_get("disabled")?,
                record: record(&row).ok(),
            })
        })
        .fetch_optional(connection)
        .await
}

/// Reads a password hash. An empty text means that there is none.
fn password(row: &SqliteRow) -> sqlx::Result<Option<PasswordHash>> {
    let password: &str = row.try_get("password")?;
    Ok((!password.is_empty()).then(|| PasswordHash::new(password.to_owned())))
}

async fn write_customer(
    connection: &mut SqliteConnection,
    record: &CustomerRecord,
    epoch: CredentialEpoch,
) -> sqlx::Result<()> {
    let CustomerRecord { customer, password, reset, address } = record;
    let Customer { id, name, email, verified: _, disabled, role, language, created_at, updated_at, .. } = customer;
    let Address { verification, change, former: former_emails, secured_at } = address;
    sqlx::query(AssertSqlSafe(PUT_CUSTOMER.clone()))
        .bind(id.to_bytes().to_vec())
        .bind(name.as_str())
        .bind(email.as_str())
        // An empty text means that there is no hash, and no password matches it.
        .bind(password.as_ref().map_or("", PasswordHash::expose))
        .bind(role.as_str())
        .bind(*disabled)
        .bind(language.map(Language::code))
        .bind(to_millis(*created_at))
        .bind(to_millis(*updated_at))
        .bind(verification.map(|awaited| awaited.hash.to_bytes().to_vec()))
        .bind(verification.map(|awaited| to_millis(awaited.expires_at)))
        .bind(verification.and_then(|awaited| awaited.ticket).map(|ticket| ticket.to_bytes().to_vec()))
        .bind(reset.map(|reset| reset.hash.to_bytes().to_vec()))
        .bind(reset.map(|reset| to_millis(reset.expires_at)))
        .bind(change.as_ref().map(|change| change.email.as_str()))
        .bind(change.as_ref().map(|change| change.hash.to_bytes().to_vec()))
        .bind(change.as_ref().map(|change| to_millis(change.expires_at)))
        .bind(change.as_ref().map(|change| change.session.to_bytes().to_vec()))
        .bind(former::to_column(former_emails))
        .bind(secured_at.map(to_millis))
        .bind(customer.password_changed_at.map(to_millis))
        .bind(epoch.number())
        .execute(connection)
        .await
        .map(drop)
}

/// Adds an event, unless it exists. If a group has an entry already, the later one stays.
async fn put_activity(connection: &mut SqliteConnection, activity: &Activity) -> sqlx::Result<()> {
    timeline::insert(
        "INSERT INTO timeline (customer, event, at, count, address, browser, system, group_key, expires_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
         WHERE NOT EXISTS (SELECT 1 FROM timeline WHERE customer = ?1 AND at = ?3 AND event = ?2 AND count = ?4
                                                    AND address IS ?5 AND browser IS ?6 AND system IS ?7)
         ON CONFLICT (customer, group_key) WHERE group_key IS NOT NULL DO UPDATE SET
            at = excluded.at, count = excluded.count, address = excluded.address,
            browser = excluded.browser, system = excluded.system, expires_at = excluded.expires_at
         WHERE excluded.at > timeline.at",
        activity,
    )
    .execute(connection)
    .await
    .map(drop)
}
