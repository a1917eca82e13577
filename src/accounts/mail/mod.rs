//! Emails: which there are, and how they leave the outbox.

pub(super) mod dev_mailbox;
pub(super) mod mail_worker;
pub(super) mod message;
