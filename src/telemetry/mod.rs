//! What an operator sees of the program while it runs, beside its logs: metrics, traces and panics. Every part of the server may name
//! it, and it knows none of them.
//!
//! What is counted goes to whatever recorder the program installed, and nowhere when it installed none, as in tests. It is
//! the same with spans.

pub mod metrics;
pub mod panics;
pub mod traces;
