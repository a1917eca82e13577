//! The API: server functions at fixed paths, the one way in for plain forms, hydrated forms and JSON clients alike.
//!
//! What is here is the contract with clients: the paths, the bodies, the one error. Each function's body is a single
//! call into `web`, which exists on the server only; in the browser the function is the request.

mod customer;
mod error;
mod log_in;
mod log_out;
mod profile;
mod refresh;
mod sign_up;

pub use customer::CustomerBody;
pub use error::{ApiError, ErrorCode};
pub use log_in::LogIn;
pub use log_out::LogOut;
pub use profile::Profile;
pub use refresh::RefreshToken;
pub use sign_up::SignUp;

use serde::{Deserialize, Serialize};

/// The answer of a request that was carried out and has nothing to tell: `{}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}
