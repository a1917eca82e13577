//! What happened to an account, as the API writes it.

use serde::{Deserialize, Serialize};

use crate::domain::Event;

/// `{"event","at","count","device","browser","address"}`: something that happened to the account. What is not known is
/// empty.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityBody {
    pub event: Event,
    /// RFC 3339, in UTC; of several failed attempts, the last.
    #[cfg_attr(feature = "ssr", schema(format = DateTime, example = "2026-03-01T10:20:30.000Z"))]
    pub at: String,
    /// How often; failed attempts of one hour are summed.
    pub count: u32,
    pub device: String,
    pub browser: String,
    /// The IP address it came from.
    pub address: String,
}
