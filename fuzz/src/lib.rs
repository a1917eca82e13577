//! Properties that the parsers of untrusted input must have for any input.
//!
//! Each function takes untrusted bytes, and panics if a property does not hold for them. The fuzzer searches for such
//! bytes (`script/fuzz`). The program's tests run the inputs that it has kept (`tests/suite/corpus.rs`).

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
