//! Accounts from sign-up to removal, and what the shop does with them.

pub(super) mod abandoned;
pub(super) mod archive;
pub(super) mod back_office;
pub(super) mod pending_signup;
pub(super) mod sign_up;
