//! Pending mail in the embedded store.

use async_trait::async_trait;
use sqlx::{QueryBuilder, Row, SqliteConnection, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{Embedded, bytes, failed, time, to_millis, unreadable};
use crate::{
    accounts::{
        Mail, MailId,
        ports::{LONGEST_PAUSE, Lease, Outbox, StoreError, TakenMail},
    },
    adapters::readable,
    domain::{CustomerId, EmailAddress, Language},
};

#[async_trait]
impl Outbox for Embedded {
    async fn add(&self, mail: &Mail) -> Result<(), StoreError> {
        let mut writer = self.writer.acquire().await.map_err(failed(mail.id))?;
        add(&mut writer, mail).await.map_err(failed(mail.id))
    }

    async fn take(&self, now: OffsetDateTime, lease: Lease, most: usize) -> Result<Vec<TakenMail>, StoreError> {
        let far = to_millis(now + LONGEST_PAUSE);
        let next = "SELECT id FROM outbox WHERE due_at <= ? UNION ALL SELECT id FROM outbox WHERE due_at > ? LIMIT 1";
        // Usually nothing is due. A read of the index finds that out without blocking writes.
        let read = sqlx::query(next).bind(to_millis(now)).bind(far).fetch_optional(&self.readers).await;
        if read.map_err(failed("the outbox"))?.is_none() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query(
            "UPDATE outbox SET due_at = ?, attempts = attempts + 1
             WHERE id IN
                (SELECT id FROM (SELECT id, due_at FROM outbox WHERE due_at <= ?
                                 UNION ALL SELECT id, due_at FROM outbox WHERE due_at > ? ORDER BY due_at LIMIT ?))
             RETURNING id, customer, recipient, name, letter, language, written_at, attempts",
        )
        .bind(to_millis(lease.until))
        .bind(to_millis(now))
        .bind(far)
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(&self.writer)
        .await;
        let rows = rows.map_err(failed("the outbox"))?;
        let mut taken: Vec<_> = rows.iter().filter_map(|row| readable(taken(row).map_err(failed("a mail")))).collect();
        // SQLite returns the rows in no particular order.
        taken.sort_by_key(|taken| taken.mail.written_at);
        Ok(taken)
    }

    async fn latest(&self, most: usize) -> Result<Vec<Mail>, StoreError> {
        let latest = sqlx::query(
            "SELECT id, customer, recipient, name, letter, language, written_at, attempts FROM outbox ORDER BY written_at DESC LIMIT ?",
        );
        let rows = latest.bind(i64::try_from(most).unwrap_or(i64::MAX)).fetch_all(&self.readers).await;
        let rows = rows.map_err(failed("the outbox"))?;
        let read = rows.iter().filter_map(|row| readable(taken(row).map_err(failed("a mail"))));
        Ok(read.map(|taken| taken.mail).collect())
    }

    async fn put_off(&self, mail: &Mail, due_at: OffsetDateTime) -> Result<(), StoreError> {
        let put_off = sqlx::query("UPDATE outbox SET due_at = ? WHERE id = ?")
            .bind(to_millis(due_at))
            .bind(mail.id.to_bytes().to_vec());
        self.write(put_off, mail.id).await.map(drop)
    }

    async fn remove(&self, mails: &[Mail]) -> Result<(), StoreError> {
        let mut remove = QueryBuilder::new("DELETE FROM outbox WHERE id IN (");
        let mut ids = remove.separated(", ");
        for mail in mails {
            ids.push_bind(mail.id.to_bytes().to_vec());
        }
        ids.push_unseparated(")");
        self.write(remove.build(), "the outbox").await.map(drop)
    }
}

/// Adds a mail, due at once, within the connection's transaction.
pub(super) async fn add(connection: &mut SqliteConnection, mail: &Mail) -> sqlx::Result<()> {
    put(connection, mail, mail.written_at, 0).await
}

/// Like [`add`], for a mail that may have been taken before or exist already.
pub(super) async fn put(
    connection: &mut SqliteConnection,
    mail: &Mail,
    due_at: OffsetDateTime,
    attempts: u32,
) -> sqlx::Result<()> {
    let letter = serde_json::to_string(&mail.letter).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "INSERT INTO outbox (id, customer, recipient, name, letter, language, written_at, due_at, attempts)
         SELECT ?, id, ?, ?, ?, ?, ?, ?, ? FROM customers WHERE id = ? ON CONFLICT (id) DO NOTHING",
    )
    .bind(mail.id.to_bytes().to_vec())
    .bind(mail.to.as_str())
    .bind(mail.stored_name())
    .bind(letter)
    .bind(mail.language.code())
    .bind(to_millis(mail.written_at))
    .bind(to_millis(due_at))
    .bind(attempts)
    .bind(mail.customer.to_bytes().to_vec())
    .execute(connection)
    .await
    .map(drop)
}

pub(super) fn taken(row: &SqliteRow) -> sqlx::Result<TakenMail> {
    let letter: &str = row.try_get("letter")?;
    Ok(TakenMail {
        mail: Mail {
            id: MailId::from_bytes(bytes(row, "id")?),
            customer: CustomerId::from_bytes(bytes(row, "customer")?),
            to: EmailAddress::from_store(row.try_get("recipient")?),
            name: Mail::name_from_store(row.try_get("name")?),
            letter: serde_json::from_str(letter).map_err(|error| unreadable("letter", error))?,
            language: Language::parse(row.try_get("language")?).unwrap_or_default(),
            written_at: time(row, "written_at")?,
        },
        attempts: row.try_get("attempts")?,
    })
}
