//! The endpoints of the API, one module each: path, method, access, input and output, and the response to a plain form.
//! [`ENDPOINTS`] lists them.

mod activity;
mod change_email;
mod change_password;
mod choose_language;
mod confirm;
mod email;
mod forgot_password;
mod log_in;
mod log_out;
mod profile;
mod proof;
mod propose_email;
mod refresh_token;
mod resend_verification;
mod reset_password;
mod revoke_other_sessions;
mod revoke_session;
mod secure_account;
mod sessions;
mod sign_up;
mod verify_email;
mod withdraw_email;

use crate::web::{
    document::Document,
    endpoint::{EndpointEntry, endpoint, server_function},
};

pub use self::{
    activity::Activity,
    change_email::ChangeEmail,
    change_password::ChangePassword,
    choose_language::ChooseLanguage,
    confirm::Confirm,
    email::Email,
    forgot_password::ForgotPassword,
    log_in::{LogIn, LogInInput},
    log_out::LogOut,
    profile::Profile,
    propose_email::ProposeEmail,
    refresh_token::RefreshToken,
    resend_verification::ResendVerification,
    reset_password::ResetPassword,
    revoke_other_sessions::RevokeOtherSessions,
    revoke_session::RevokeSession,
    secure_account::SecureAccount,
    sessions::Sessions,
    sign_up::{SignUp, SignUpInput},
    verify_email::VerifyEmail,
    withdraw_email::WithdrawEmail,
};

/// Lists the endpoints, once for the program and once for its document.
macro_rules! endpoints {
    ($($kind:ident $endpoint:ident,)*) => {
        /// All endpoints. Sign-up, login and logout are also Leptos server functions.
        pub static ENDPOINTS: &[EndpointEntry] = &[$($kind::<$endpoint>()),*];

        /// Returns the API's document.
        #[must_use]
        pub fn document() -> serde_json::Value {
            Document::default()$(.with::<$endpoint>())*.finish()
        }
    };
}

endpoints! {
    server_function SignUp,
    server_function LogIn,
    server_function LogOut,
    endpoint RefreshToken,
    endpoint Profile,
    endpoint VerifyEmail,
    endpoint ResendVerification,
    endpoint Email,
    endpoint ProposeEmail,
    endpoint ChangeEmail,
    endpoint WithdrawEmail,
    endpoint SecureAccount,
    endpoint ForgotPassword,
    endpoint ResetPassword,
    endpoint Confirm,
    endpoint ChangePassword,
    endpoint Sessions,
    endpoint RevokeSession,
    endpoint RevokeOtherSessions,
    endpoint Activity,
    endpoint ChooseLanguage,
}
