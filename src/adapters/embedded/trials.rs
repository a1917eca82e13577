//! The trial write of the health check.

use sqlx::SqlitePool;

/// The size of a trial write, in bytes. More than a page, since a full disk still has room in existing pages.
const TRIAL_SIZE: i64 = 5000;

/// Inserts and deletes a row in one transaction.
pub(super) async fn write(writer: &SqlitePool) -> sqlx::Result<()> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    // No form has this id, since ids are random.
    sqlx::query("INSERT INTO form_state (id, data, expires_at) VALUES (zeroblob(16), hex(zeroblob(?)), 0)")
        .bind(TRIAL_SIZE / 2)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("DELETE FROM form_state WHERE id = zeroblob(16)").execute(&mut *transaction).await?;
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::Arc, time::Duration};

    use tokio::time::Instant;

    use crate::{
        accounts::ports::{AttemptId, AttemptLimits, Limit, LimitKey, Sessions, Step, StoreError},
        adapters::{clock::SystemClock, embedded::Embedded},
    };

    async fn store() -> (tempfile::TempDir, Embedded) {
        let folder = tempfile::tempdir().unwrap();
        let store = Embedded::open(folder.path(), Arc::new(SystemClock)).await.unwrap();
        (folder, store)
    }

    /// Stops the file from growing, until the connection is replaced.
    async fn fill(store: &Embedded) {
        sqlx::query("PRAGMA max_page_count = 1").execute(&store.writer).await.unwrap();
    }

    /// A write in a transaction.
    async fn reserve(store: &Embedded, number: u32) -> Result<(), StoreError> {
        let limit = Limit::new(Duration::from_hours(1), [Step { below: 9, delay: Duration::ZERO }]);
        let key = LimitKey::LogInFrom(std::net::Ipv4Addr::from_bits(number).into());
        store.reserve(&key, limit, AttemptId::from_bytes([1; 16]), time::OffsetDateTime::UNIX_EPOCH).await.map(drop)
    }

    #[tokio::test]
    async fn n16_d5_a_full_disk_fails_a_write_and_no_write_after_it() {
        let (_folder, store) = store().await;
        fill(&store).await;
        let mut number = 0;
        let error = loop {
            number += 1;
            if let Err(error) = reserve(&store, number).await {
                break error;
            }
            assert!(number < 10_000, "the file grows");
        };
        assert!(
            matches!(&error, StoreError::Unavailable { source, .. } if source.to_string().contains("full")),
            "{error:?}"
        );
        for number in 10_000..10_100 {
            reserve(&store, number).await.unwrap();
        }
    }

    #[tokio::test]
    async fn n16_d5_a_store_that_cannot_be_written_to_is_not_ready_until_it_can() {
        let (_folder, store) = store().await;
        fill(&store).await;
        assert!(Sessions::ping(&store).await.is_err());
        assert!(Sessions::ping(&store).await.is_err(), "it is not tried again at once");
        let started = Instant::now();
        while Sessions::ping(&store).await.is_err() {
            assert!(started.elapsed() < Duration::from_secs(5), "it is not tried again");
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn n16_frequent_pings_do_not_wear_out_the_disk() {
        let (folder, store) = store().await;
        let size = || fs::metadata(folder.path().join("doorstep.db-wal")).unwrap().len();
        Sessions::ping(&store).await.unwrap();
        let before = size();
        for _ in 0..100 {
            Sessions::ping(&store).await.unwrap();
        }
        assert!(size() - before < 10 * 4096, "{} bytes were written", size() - before);
    }
}
