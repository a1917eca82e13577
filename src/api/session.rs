//! A session, as the API writes one.

use serde::{Deserialize, Serialize};

/// `{"id","device","browser","address","createdAt","lastSeenAt","current"}`: one device on which a customer is signed
/// in. What is not known is empty.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionBody {
    /// 22 characters of base64url.
    pub id: String,
    /// The operating system, or the kind of device where that says more.
    pub device: String,
    pub browser: String,
    /// The IP address it signed in from.
    pub address: String,
    /// RFC 3339, in UTC, to the millisecond.
    #[cfg_attr(feature = "ssr", schema(format = DateTime, example = "2026-03-01T10:20:30.000Z"))]
    pub created_at: String,
    /// RFC 3339, in UTC; noted once a minute.
    #[cfg_attr(feature = "ssr", schema(format = DateTime, example = "2026-03-01T10:20:30.000Z"))]
    pub last_seen_at: String,
    /// Whether it is the session that asks.
    pub current: bool,
}
