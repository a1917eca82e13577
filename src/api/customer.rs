//! A customer, as the API writes one.

use serde::{Deserialize, Serialize};

use crate::domain::Role;

/// `{"_id","name","email","role","createdAt","updatedAt"}`: what a customer may see of their account, and no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerBody {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// RFC 3339, in UTC, to the millisecond.
    pub created_at: String,
    /// RFC 3339, in UTC, to the millisecond.
    pub updated_at: String,
}
