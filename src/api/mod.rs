//! The API's contract with clients: the bodies, the error type, and the server functions that browsers call.
//!
//! The endpoints themselves are in `endpoints/`, on the server only.

mod activity;
mod customer;
mod email;
mod error;
mod log_in;
mod log_out;
mod session;
mod sign_up;
mod unread;
mod welcome;

pub use activity::ActivityBody;
pub use customer::CustomerBody;
pub use email::EmailBody;
pub use error::{ApiError, ErrorCode};
pub use log_in::LogIn;
pub use log_out::LogOut;
pub use session::SessionBody;
pub use sign_up::SignUp;
pub use unread::Unread;
pub use welcome::Welcome;

use serde::{Deserialize, Serialize};

/// The response to a successful request without a result: `{}`.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {}
