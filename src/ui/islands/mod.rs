//! The parts of pages that live in the browser. Each is a plain form first: before its scripts are there, without them, or after
//! they failed, it is sent and answered as one.
//!
//! The server renders all of a form. The browser adds listeners to it and finds the rest by its ids (`live_form.rs`), so that it
//! does not matter what extensions and translators put between.

mod failure;
mod live_form;
mod log_in_form;
mod send;
mod sign_up_form;
mod submission;
mod suggestion;

#[cfg(feature = "hydrate")]
pub use failure::give_forms_back;

// A browser wakes them by their names.
#[cfg(feature = "ssr")]
pub(crate) use log_in_form::LogInForm;
#[cfg(feature = "ssr")]
pub(crate) use sign_up_form::SignUpForm;
#[cfg(feature = "ssr")]
pub(crate) use suggestion::probably_meant;
