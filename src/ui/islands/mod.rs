//! The parts of pages that live in the browser. Each is a plain form first: before its scripts are there, or without
//! them, it is sent and answered as one.

mod log_in_form;
mod send;
mod sign_up_form;
mod submission;

// A browser wakes them by their names.
#[cfg(feature = "ssr")]
pub(super) use log_in_form::LogInForm;
#[cfg(feature = "ssr")]
pub(super) use sign_up_form::SignUpForm;
