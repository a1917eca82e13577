//! The mark, which distinguishes a file that was copied without its log from a complete one.
//!
//! While a store is in use, the file itself is marked (`PRAGMA user_version`), and the log contains a write that clears
//! the mark. A program that reads both sees no mark, and a file that the log was moved into has none. A program that
//! was killed while it marked the file leaves a log with the mark. The process that closes the store last clears it.

use sqlx::SqliteConnection;

/// Marks the file itself, as opposed to the store of file and log. Returns false if a part of the log could not be
/// moved into the file because it was being read.
pub(super) async fn mark(writer: &mut SqliteConnection) -> sqlx::Result<bool> {
    sqlx::query("PRAGMA user_version = 1").execute(&mut *writer).await?;
    let moved = sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&mut *writer).await;
    sqlx::query("PRAGMA user_version = 0").execute(writer).await?;
    let (_, frames, moved): (i64, i64, i64) = moved?;
    Ok(frames == moved)
}

/// Clears a mark that is the last write of the log. Must not be called while another process may mark the file.
pub(super) async fn clear(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    let mark: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    if mark != 0 {
        sqlx::query("PRAGMA user_version = 0").execute(connection).await?;
    }
    Ok(())
}
