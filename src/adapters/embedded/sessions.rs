//! Sessions in the embedded store.

use async_trait::async_trait;
use sqlx::{Row, SqliteConnection, SqlitePool, ValueRef, sqlite::SqliteRow};
use time::OffsetDateTime;

use super::{Embedded, Statement, bytes, failed, from_millis, time, to_millis, unreadable};
use crate::{
    accounts::{
        BrowserHash, Client, Device, Session, SessionId, SessionKey, TokenHash,
        ports::{CLOCK_SKEW, MOST_SESSIONS, Rotation, RotationOutcome, Sessions, StoreError},
    },
    adapters::{duration_millis, recall::recall},
    domain::{CredentialEpoch, CustomerId},
};

#[async_trait]
impl Sessions for Embedded {
    async fn create(&self, session: &Session) -> Result<(), StoreError> {
        let session = session.clone();
        let create = async move |store: Self| {
            let ended = create(&store.writer, &session).await.map_err(failed(session.key.id))?;
            store.forget(session.key.customer, &ended);
            Ok(())
        };
        self.see_through(create).await
    }

    async fn find(&self, key: SessionKey, now: OffsetDateTime) -> Result<Option<Session>, StoreError> {
        sqlx::query("SELECT * FROM sessions WHERE customer = ? AND id = ? AND expires_at > ?")
            .bind(key.customer.to_bytes().to_vec())
            .bind(key.id.to_bytes().to_vec())
            .bind(to_millis(now))
            .try_map(|row| session(key.customer, &row))
            .fetch_optional(&self.readers)
            .await
            .map_err(failed(key.id))
    }

    async fn list(&self, customer: CustomerId, now: OffsetDateTime) -> Result<Vec<Session>, StoreError> {
        sqlx::query(
            "SELECT * FROM sessions WHERE customer = ? AND expires_at > ?
             ORDER BY max(last_seen_at, last_used_at) DESC, id",
        )
        .bind(customer.to_bytes().to_vec())
        .bind(to_millis(now))
        .try_map(|row| session(customer, &row))
        .fetch_all(&self.readers)
        .await
        .map_err(failed(customer))
    }

    async fn touch(&self, key: SessionKey, now: OffsetDateTime) -> Result<(), StoreError> {
        let touch = sqlx::query(
            "UPDATE sessions SET last_seen_at = max(last_seen_at, ?, created_at + 1) WHERE customer = ? AND id = ?",
        )
        .bind(to_millis(now))
        .bind(key.customer.to_bytes().to_vec())
        .bind(key.id.to_bytes().to_vec());
        self.write(touch, key.id).await.map(drop)
    }

    async fn is_live(&self, key: SessionKey, now: OffsetDateTime) -> Result<bool, StoreError> {
        let read = async {
            sqlx::query("SELECT expires_at FROM sessions WHERE customer = ? AND id = ?")
                .bind(key.customer.to_bytes().to_vec())
                .bind(key.id.to_bytes().to_vec())
                .try_map(|row| time(&row, "expires_at"))
                .fetch_optional(&self.readers)
                .await
                .map(Some)
        };
        let expires_at = recall(&self.memory.sessions, key, read).await.map_err(failed(key.id))?.flatten();
        Ok(expires_at.is_some_and(|expires_at| expires_at > now))
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<RotationOutcome, StoreError> {
        let rotation = rotation.clone();
        let rotate = async move |store: Self| {
            let rotated = rotate(&store.writer, &rotation).await;
            store.forget(rotation.session.customer, &[rotation.session.id]);
            rotated.map_err(failed(rotation.session.id))
        };
        self.see_through(rotate).await
    }

    async fn end(&self, key: SessionKey) -> Result<bool, StoreError> {
        let end = async move |store: Self| {
            let ended = store.write(delete(key), key.id).await;
            store.forget(key.customer, &[key.id]);
            Ok(ended? > 0)
        };
        self.see_through(end).await
    }

    async fn end_others(
        &self,
        customer: CustomerId,
        kept: SessionId,
        before: CredentialEpoch,
    ) -> Result<Vec<SessionId>, StoreError> {
        let end = async move |store: Self| {
            let ended = sqlx::query("DELETE FROM sessions WHERE customer = ? AND id <> ? AND epoch < ? RETURNING id")
                .bind(customer.to_bytes().to_vec())
                .bind(kept.to_bytes().to_vec())
                .bind(before.number())
                .try_map(|row| id(&row))
                .fetch_all(&store.writer)
                .await
                .map_err(failed(customer))?;
            store.forget(customer, &ended);
            Ok(ended)
        };
        self.see_through(end).await
    }

    async fn carry_over(
        &self,
        key: SessionKey,
        epoch: CredentialEpoch,
        browser: BrowserHash,
    ) -> Result<(), StoreError> {
        let carry =
            sqlx::query("UPDATE sessions SET epoch = ?, browser_hash = ? WHERE customer = ? AND id = ? AND epoch < ?")
                .bind(epoch.number())
                .bind(browser.to_bytes().to_vec())
                .bind(key.customer.to_bytes().to_vec())
                .bind(key.id.to_bytes().to_vec())
                .bind(epoch.number());
        self.write(carry, key.id).await.map(drop)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.ping().await
    }
}

impl Embedded {
    /// Removes sessions that were changed or ended from the cache.
    fn forget(&self, customer: CustomerId, ended: &[SessionId]) {
        for id in ended {
            self.memory.sessions.remove(&SessionKey { customer, id: *id });
        }
    }
}

fn id(row: &SqliteRow) -> sqlx::Result<SessionId> {
    bytes(row, "id").map(SessionId::from_bytes)
}

fn session(customer: CustomerId, row: &SqliteRow) -> sqlx::Result<Session> {
    let address: &str = row.try_get("address")?;
    let last_used_at = time(row, "last_used_at")?;
    Ok(Session {
        key: SessionKey { customer, id: id(row)? },
        token: TokenHash::from_bytes(bytes(row, "token")?),
        created_at: time(row, "created_at")?,
        authenticated_at: time(row, "authenticated_at")?,
        last_used_at,
        last_seen_at: time(row, "last_seen_at")?.max(last_used_at),
        expires_at: time(row, "expires_at")?,
        ends_at: time(row, "ends_at")?,
        epoch: CredentialEpoch::new(row.try_get("epoch")?),
        browser: browser(row)?,
        client: Client {
            address: address.parse().map_err(|error| unreadable("address", error))?,
            device: Device { browser: row.try_get("browser")?, system: row.try_get("system")? },
            language: None,
        },
    })
}

fn browser(row: &SqliteRow) -> sqlx::Result<Option<BrowserHash>> {
    if row.try_get_raw("browser_hash")?.is_null() {
        return Ok(None);
    }
    bytes(row, "browser_hash").map(|hash| Some(BrowserHash::from_bytes(hash)))
}

/// Adds a session in a transaction, and returns the sessions that were ended to make room for it.
async fn create(writer: &SqlitePool, session: &Session) -> sqlx::Result<Vec<SessionId>> {
    let Session { key, client, .. } = session;
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query(
        "INSERT INTO sessions (customer, id, token, created_at, authenticated_at, last_used_at, last_seen_at,
            expires_at, ends_at, address, browser, system, epoch, browser_hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(key.customer.to_bytes().to_vec())
    .bind(key.id.to_bytes().to_vec())
    .bind(session.token.to_bytes().to_vec())
    .bind(to_millis(session.created_at))
    .bind(to_millis(session.authenticated_at))
    .bind(to_millis(session.last_used_at))
    .bind(to_millis(session.last_seen_at))
    .bind(to_millis(session.expires_at))
    .bind(to_millis(session.ends_at))
    .bind(client.address.to_string())
    .bind(&client.device.browser)
    .bind(&client.device.system)
    .bind(session.epoch.number())
    .bind(session.browser.map(|browser| browser.to_bytes().to_vec()))
    .execute(&mut *transaction)
    .await?;
    let ended = make_room(&mut transaction, session).await?;
    transaction.commit().await?;
    Ok(ended)
}

/// Ends sessions of the customer while there are more than [`MOST_SESSIONS`], in the order defined there. Never ends
/// `new`.
async fn make_room(connection: &mut SqliteConnection, new: &Session) -> sqlx::Result<Vec<SessionId>> {
    let (customer, id_of_new) = (new.key.customer.to_bytes().to_vec(), new.key.id.to_bytes().to_vec());
    sqlx::query(
        "DELETE FROM sessions WHERE customer = ?1 AND id IN
            (SELECT id FROM (SELECT *, max(last_seen_at, last_used_at) AS used_at FROM sessions WHERE customer = ?1)
             WHERE id <> ?2
             ORDER BY expires_at <= ?3 DESC, used_at > created_at, used_at
             LIMIT max(0, (SELECT count(*) FROM sessions WHERE customer = ?1) - ?4))
         RETURNING id",
    )
    .bind(customer)
    .bind(id_of_new)
    .bind(to_millis(new.last_used_at))
    .bind(i64::try_from(MOST_SESSIONS).unwrap_or(i64::MAX))
    .try_map(|row| id(&row))
    .fetch_all(connection)
    .await
}

/// Rotates a refresh token in a transaction.
async fn rotate(writer: &SqlitePool, rotation: &Rotation) -> sqlx::Result<RotationOutcome> {
    // Takes the lock before reading the session, so that it cannot change before it is written.
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let outcome = rotate_locked(&mut transaction, rotation).await?;
    transaction.commit().await?;
    Ok(outcome)
}

async fn rotate_locked(connection: &mut SqliteConnection, rotation: &Rotation) -> sqlx::Result<RotationOutcome> {
    let Some(row) = find_rotatable(connection, rotation.session).await? else { return Ok(RotationOutcome::Gone) };
    let is_of_earlier_epoch = CredentialEpoch::new(row.try_get("epoch")?) < rotation.epoch;
    if is_of_earlier_epoch || time(&row, "expires_at")? <= rotation.now {
        delete(rotation.session).execute(connection).await?;
        return Ok(RotationOutcome::Gone);
    }
    let previous: Option<&[u8]> = row.try_get("previous_token")?;
    let unused_for = rotation.now - time(&row, "last_used_at")?;

    if rotation.presented.to_bytes() == bytes(&row, "token")? {
        let expires_at =
            to_millis(rotation.now).saturating_add(duration_millis(rotation.idle)).min(row.try_get("ends_at")?);
        sqlx::query(
            "UPDATE sessions SET token = ?1, previous_token = ?2, last_used_at = ?3, expires_at = ?4, network = ?5,
                last_seen_at = max(last_seen_at, ?3, created_at + 1)
             WHERE customer = ?6 AND id = ?7",
        )
        .bind(rotation.successor.to_bytes().to_vec())
        .bind(rotation.presented.to_bytes().to_vec())
        .bind(to_millis(rotation.now))
        .bind(expires_at)
        .bind(rotation.network.to_string())
        .bind(rotation.session.customer.to_bytes().to_vec())
        .bind(rotation.session.id.to_bytes().to_vec())
        .execute(connection)
        .await?;
        let expires_at = from_millis(expires_at).map_err(|error| unreadable("ends_at", error))?;
        Ok(RotationOutcome::Rotated { expires_at })
    } else if previous == Some(&rotation.presented.to_bytes())
        && (-unused_for <= CLOCK_SKEW && unused_for <= rotation.grace || is_own_browser(&row, rotation)?)
    {
        Ok(RotationOutcome::Repeated { expires_at: time(&row, "expires_at")? })
    } else {
        delete(rotation.session).execute(connection).await?;
        Ok(RotationOutcome::Reused)
    }
}

/// Returns true if the token comes from the browser that signed in, and from the network of its last use.
fn is_own_browser(row: &SqliteRow, rotation: &Rotation) -> sqlx::Result<bool> {
    let network: Option<&str> = row.try_get("network")?;
    Ok(rotation.browser.is_some()
        && browser(row)? == rotation.browser
        && network.is_some_and(|network| network == rotation.network.to_string()))
}

/// Returns the row of the session, even if it has expired.
async fn find_rotatable(connection: &mut SqliteConnection, key: SessionKey) -> sqlx::Result<Option<SqliteRow>> {
    sqlx::query(
        "SELECT token, previous_token, last_used_at, expires_at, ends_at, epoch, browser_hash, network FROM sessions
         WHERE customer = ? AND id = ?",
    )
    .bind(key.customer.to_bytes().to_vec())
    .bind(key.id.to_bytes().to_vec())
    .fetch_optional(connection)
    .await
}

fn delete(key: SessionKey) -> Statement<'static> {
    sqlx::query("DELETE FROM sessions WHERE customer = ? AND id = ?")
        .bind(key.customer.to_bytes().to_vec())
        .bind(key.id.to_bytes().to_vec())
}
