//! The pages, one a file.

mod account;
mod error;
mod home;
mod log_in;
mod not_found;
mod sign_up;

pub use account::AccountPage;
pub use error::error_document;
pub use home::HomePage;
pub use log_in::LogInPage;
pub use not_found::NotFoundPage;
pub use sign_up::SignUpPage;
