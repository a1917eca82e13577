//! The interactive parts of pages. Each is also a plain form, which works before its scripts are loaded, without them,
//! and after they have failed.
//!
//! The server renders the whole form. The browser adds listeners and finds other elements by their ids
//! (`live_form.rs`), so elements inserted by extensions and translators do no harm.

mod failure;
mod live_form;
mod log_in_form;
mod send;
mod sign_up_form;
mod submission;
mod suggestion;

#[cfg(feature = "hydrate")]
pub use failure::give_forms_back;

// The browser hydrates these by name.
#[cfg(feature = "ssr")]
pub(crate) use log_in_form::LogInForm;
#[cfg(feature = "ssr")]
pub(crate) use sign_up_form::SignUpForm;
#[cfg(feature = "ssr")]
pub(crate) use suggestion::probably_meant;
