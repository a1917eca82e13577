//! The limit of open files of the process, connections included (`RLIMIT_NOFILE`).

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit as far as the system allows. Shells and service managers set a low one for programs that call
/// `select`, which this one does not. Returns the limit that applies now, or `None` if there is none.
#[must_use]
pub fn raise_limit() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    match setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "limit of open files not raised");
            limit.current
        }
    }
}
