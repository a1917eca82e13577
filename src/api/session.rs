//! A session as the API represents it.

use serde::{Deserialize, Serialize};

/// `{"id","device","browser","address","createdAt","lastSeenAt","current"}`: a device on which the customer is logged
/// in. Unknown values are empty.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionBody {
    /// 22 characters of base64url.
    pub id: String,
    /// The operating system, or the kind of device if that is more specific.
    pub device: String,
    pub browser: String,
    /// The IP address of the login.
    pub address: String,
    /// RFC 3339, in UTC, to the millisecond.
    #[cfg_attr(feature = "ssr", schema(format = DateTime, example = "2026-03-01T10:20:30.000Z"))]
    pub created_at: String,
    /// RFC 3339, in UTC; updated once a minute.
    #[cfg_attr(feature = "ssr", schema(format = DateTime, example = "2026-03-01T10:20:30.000Z"))]
    pub last_seen_at: String,
    /// True for the session of this request.
    pub current: bool,
}
