//! What customers see and choose of their account.

pub(super) mod choose_language;
pub(super) mod read_profile;
