//! Passwords: which are accepted, how they are verified, changed and reset.

pub(super) mod calendar;
pub(super) mod change_password;
pub(super) mod chosen_password;
pub(super) mod common_passwords;
pub(super) mod day;
pub(super) mod repetition;
pub(super) mod reset_password;
pub(super) mod verify_password;
pub(super) mod weak_patterns;
