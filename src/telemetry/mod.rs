//! What an operator sees of the program while it runs: metrics, traces, and how log lines are written. Every part of the server may name
//! it, and it knows none of them.
//!
//! What is counted goes to whatever recorder the program installed, and nowhere when it installed none, as in tests. It is
//! the same with spans.

pub mod json_lines;
pub mod metrics;
pub mod traces;
