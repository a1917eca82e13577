//! The pages, one a file.

mod account;
mod activity;
mod change_email;
mod confirm;
mod design;
mod dev_mail;
mod devices;
mod email;
mod error;
mod forgot_password;
mod home;
mod log_in;
mod not_found;
mod reset_password;
mod secure_account;
mod security;
mod sign_up;
mod verify_email;

pub use account::{AccountPage, LATEST};
pub use activity::ActivityPage;
pub use change_email::ChangeEmailPage;
pub use confirm::ConfirmPage;
pub use design::DesignPage;
pub use dev_mail::DevMailPage;
pub use devices::DevicesPage;
pub use email::EmailPage;
pub use error::error_document;
pub use forgot_password::ForgotPasswordPage;
pub use home::HomePage;
pub use log_in::LogInPage;
pub use not_found::NotFoundPage;
pub use reset_password::ResetPasswordPage;
pub use secure_account::SecureAccountPage;
pub use security::SecurityPage;
pub use sign_up::SignUpPage;
pub use verify_email::VerifyEmailPage;
