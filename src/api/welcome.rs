//! The response to a sign-up.

use serde::{Deserialize, Serialize};

use super::{CustomerBody, Done};

/// The new customer, who is logged in, or `{}` if the sign-up continues by mail, which does not reveal if there is an
/// account.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Welcome {
    SignedIn(CustomerBody),
    NotYet(Done),
}
