//! What an operator observes of the running program: metrics, traces, panics, and the format of log lines. Every part
//! of the server may use this module, and it depends on none of them.
//!
//! Metrics go to the recorder that the program has installed. Without one, as in tests, they are discarded. The same
//! applies to spans.

pub mod json_lines;
pub mod log_queue;
pub mod metrics;
mod outage;
pub mod panics;
pub mod traces;

use std::any::Any;

/// Returns the message of a panic that was caught.
#[must_use]
pub fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or(panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown payload")
}
