//! The API: server functions at fixed paths, the one way in for plain forms, hydrated forms and JSON clients alike.
//!
//! What is here is the contract with clients: the paths, the bodies, the one error. Each function's body is a single
//! call into `web`, which exists on the server only; in the browser the function is the request.

mod activity;
mod change_email;
mod change_password;
mod choose_language;
mod confirm;
mod customer;
mod error;
mod forgot_password;
mod log_in;
mod log_out;
mod profile;
mod refresh;
mod resend_verification;
mod reset_password;
mod revoke_other_sessions;
mod revoke_session;
mod secure_account;
mod session;
mod sessions;
mod sign_up;
mod unread;
mod verify_email;
mod welcome;

pub use activity::{Activity, ActivityBody};
pub use change_email::{ChangeEmail, Email, EmailBody, ProposeEmail, WithdrawEmail};
pub use change_password::ChangePassword;
pub use choose_language::ChooseLanguage;
pub use confirm::Confirm;
pub use customer::CustomerBody;
pub use error::{ApiError, ErrorCode};
pub use forgot_password::ForgotPassword;
pub use log_in::LogIn;
pub use log_out::LogOut;
pub use profile::Profile;
pub use refresh::RefreshToken;
pub use resend_verification::ResendVerification;
pub use reset_password::ResetPassword;
pub use revoke_other_sessions::RevokeOtherSessions;
pub use revoke_session::RevokeSession;
pub use secure_account::SecureAccount;
pub use session::SessionBody;
pub use sessions::Sessions;
pub use sign_up::SignUp;
pub use unread::Unread;
pub use verify_email::VerifyEmail;
pub use welcome::Welcome;

use serde::{Deserialize, Serialize};

/// The answer of a request that was carried out and has nothing to tell: `{}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}
