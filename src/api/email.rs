//! A customer's address as the API represents it.

use serde::{Deserialize, Serialize};

/// `{"email","verified","pending"?}`: the address of the logged-in customer.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailBody {
    pub email: String,
    /// True if the customer has proved that they can read mail to the address.
    pub verified: bool,
    /// The new address, until the customer verifies it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<String>,
}
