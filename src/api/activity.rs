//! `GET /api/auth/activity`

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::domain::Event;

/// `{"event","at","count","device","browser","address"}`: something that happened to the account. What is not known is
/// empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityBody {
    pub event: Event,
    /// RFC 3339, in UTC; of several failed attempts, the last.
    pub at: String,
    /// How often; failed attempts of one hour are summed.
    pub count: u32,
    pub device: String,
    pub browser: String,
    /// The IP address it came from.
    pub address: String,
}

/// What happened to the customer's account, the latest first: 200, or 401.
#[server(name = Activity, prefix = "/api/auth", endpoint = "activity", input = GetUrl, output = Json)]
pub async fn activity() -> Result<Vec<ActivityBody>, ApiError> {
    crate::web::server_functions::activity().await
}
