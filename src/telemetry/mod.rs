//! What an operator sees of the program while it runs: metrics, traces, panics, and how log lines are written. Every part of
//! the server may name it, and it knows none of them.
//!
//! What is counted goes to whatever recorder the program installed, and nowhere when it installed none, as in tests. It is
//! the same with spans.

pub mod json_lines;
pub mod log_queue;
pub mod metrics;
pub mod panics;
pub mod traces;

use std::any::Any;

/// Returns the message of a panic that was caught.
#[must_use]
pub fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or(panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("of an unknown kind")
}
