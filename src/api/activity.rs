//! An account event as the API represents it.

use serde::{Deserialize, Serialize};

use crate::domain::Event;

/// `{"event","at","count","device","browser","address"}`: an event of the account. Unknown values are empty.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityBody {
    pub event: Event,
    /// RFC 3339, in UTC; the last one of several failed attempts.
    #[cfg_attr(feature = "ssr", schema(format = DateTime, example = "2026-03-01T10:20:30.000Z"))]
    pub at: String,
    /// The number of times; failed attempts within one hour are added up.
    pub count: u32,
    pub device: String,
    pub browser: String,
    /// The IP address of the request.
    pub address: String,
}
