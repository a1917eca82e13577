//! A customer as the API represents it.

use serde::{Deserialize, Serialize};

use crate::domain::Role;

/// `{"_id","name","email","role","createdAt","updatedAt"}`: the part of an account that the customer may see.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerBody {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    #[cfg_attr(feature = "ssr", schema(pattern = "^[0-9a-f]{24}$"))]
    pub id: String,
    #[cfg_attr(feature = "ssr", schema(example = "Ada Lovelace"))]
    pub name: String,
    #[cfg_attr(feature = "ssr", schema(example = "ada@example.com"))]
    pub email: String,
    pub role: Role,
    /// RFC 3339, in UTC, to the millisecond.
    #[cfg_attr(feature = "ssr", schema(format = DateTime, example = "2026-03-01T10:20:30.000Z"))]
    pub created_at: String,
    /// RFC 3339, in UTC, to the millisecond.
    #[cfg_attr(feature = "ssr", schema(format = DateTime, example = "2026-03-01T10:20:30.000Z"))]
    pub updated_at: String,
}
