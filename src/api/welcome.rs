//! What somebody is told who becomes a customer.

use serde::{Deserialize, Serialize};

use super::{CustomerBody, Done};

/// A customer who is signed in now, or `{}`: it goes on in their mail, and says nothing of whether there is an account.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Welcome {
    SignedIn(CustomerBody),
    NotYet(Done),
}
