//! What all use cases share: what they are given, limits, the timeline, links and errors.

pub(super) mod accounts;
pub(super) mod background;
pub(super) mod browser;
pub(super) mod budgets;
pub(super) mod credential_event;
pub(super) mod derived_keys;
pub(super) mod error;
pub(super) mod limits;
pub(super) mod link_token;
pub(super) mod network;
pub(super) mod signed;
pub(super) mod timeline;
pub(super) mod timestamp;
