//! A customer's address, as the API writes it.

use serde::{Deserialize, Serialize};

/// `{"email","verified","pending"?}`: the address of the customer who is signed in.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailBody {
    pub email: String,
    /// Whether they showed that they can read its mail.
    pub verified: bool,
    /// The address that they want to have, once they show the same of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<String>,
}
