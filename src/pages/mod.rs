//! The pages, one module each: path, access, data and view. [`PAGES`] lists them.

mod account;
mod activity;
mod api_docs;
mod change_email;
mod confirm;
mod design;
mod dev_mail;
mod devices;
mod email;
mod forgot_password;
mod home;
mod log_in;
mod not_found;
mod reset_password;
mod secure_account;
mod security;
mod sign_up;
mod verify_email;

use crate::web::page::{PageEntry, page};

pub use not_found::NotFound;

/// All pages with a fixed path.
pub const PAGES: &[PageEntry] = &[
    page::<home::Home>(),
    page::<sign_up::SignUp>(),
    page::<log_in::LogIn>(),
    page::<verify_email::VerifyAddress>(),
    page::<change_email::CompleteEmailChange>(),
    page::<secure_account::SecureYourAccount>(),
    page::<forgot_password::ForgottenPassword>(),
    page::<reset_password::ChooseNewPassword>(),
    page::<account::Account>(),
    page::<activity::RecentActivity>(),
    page::<devices::Devices>(),
    page::<email::EmailSettings>(),
    page::<security::Security>(),
    page::<confirm::ConfirmPassword>(),
    page::<dev_mail::DevMailbox>(),
    page::<design::Design>(),
    page::<api_docs::ApiDocs>(),
];
