//! A customer's former addresses, as the embedded store writes them: a JSON list in one column.

use serde::{Deserialize, Serialize};
use sqlx::{Row, sqlite::SqliteRow};

use super::{to_millis, unreadable};
use crate::{
    accounts::{FormerEmail, FormerEmails},
    adapters::from_millis,
    domain::EmailAddress,
};

#[derive(Serialize, Deserialize)]
struct Stored {
    email: String,
    /// Milliseconds since 1970.
    until: i64,
    /// Milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secured_at: Option<i64>,
}

/// Returns the value of the column, or `None` if there are no former addresses.
pub(super) fn to_column(former: &FormerEmails) -> Option<String> {
    let stored = |former: &FormerEmail| Stored {
        email: former.email.as_str().to_owned(),
        until: to_millis(former.until),
        secured_at: former.secured_at.map(to_millis),
    };
    let all: Vec<Stored> = former.iter().map(stored).collect();
    // Texts and numbers always serialize.
    (!all.is_empty()).then(|| serde_json::to_string(&all).unwrap_or_default())
}

/// Reads the column of a row.
pub(super) fn from_row(row: &SqliteRow) -> sqlx::Result<FormerEmails> {
    let Some(column) = row.try_get::<Option<&str>, _>("former")? else { return Ok(FormerEmails::default()) };
    let stored: Vec<Stored> = serde_json::from_str(column).map_err(|error| unreadable("former", error))?;
    let time = |millis| from_millis(millis).map_err(|error| unreadable("former", error));
    let former = |Stored { email, until, secured_at }| -> sqlx::Result<FormerEmail> {
        let (until, secured_at) = (time(until)?, secured_at.map(time).transpose()?);
        Ok(FormerEmail { email: EmailAddress::from_store(email), until, secured_at })
    };
    Ok(FormerEmails::from_store(stored.into_iter().map(former).collect::<sqlx::Result<_>>()?))
}
