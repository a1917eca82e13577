//! Email addresses: verify one, change it, and undo a change.

pub(super) mod change_email;
pub(super) mod former_emails;
pub(super) mod resend_verification;
pub(super) mod secure_account;
pub(super) mod verify_email;
