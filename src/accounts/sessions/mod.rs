//! Sessions: log in, stay signed in, log out, see and end devices, and the keys that sign access tokens.

pub(super) mod authenticate;
pub(super) mod confirm;
pub(super) mod devices;
pub(super) mod last_seen;
pub(super) mod log_in;
pub(super) mod log_out;
pub(super) mod refresh;
pub(super) mod refresh_token;
pub(super) mod rotate_keys;
pub(super) mod session;
pub(super) mod signing_key;
