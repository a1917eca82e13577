//! What must be true of everything that reads what anybody may send, whatever they send.
//!
//! Each function takes bytes of a stranger's choice, and panics when a promise does not hold for them. The fuzzer looks
//! for such bytes (`script/fuzz`); the program's tests run those it has kept (`tests/suite/corpus.rs`).

mod body;
mod cookies;
mod headers;
mod tokens;
mod user_agent;

pub use body::body;
pub use cookies::cookies;
pub use headers::headers;
pub use tokens::tokens;
pub use user_agent::user_agent;
